"""The platform's metrics as Prometheus text, for the operator to look at. Nothing booked is read from here."""

from collections import Counter

from services.cloud.hosting import Hosting
from services.cloud.metering import Metering


def exposition(hosting: Hosting, metering: Metering) -> str:
    """Gauges and counters of instances and edge."""
    lines = ["# HELP instance_up Whether the instance serves.", "# TYPE instance_up gauge"]
    members = hosting.fleet.members
    lines += [f'instance_up{{instance="{member.name}",size="{member.size}"}} {int(member.up)}' for member in members]
    lines += ["# TYPE instance_memory_mib gauge"]
    lines += [f'instance_memory_mib{{instance="{one.name}"}} {metering.memory_mb(one)}' for one in members]
    lines += ["# TYPE instance_restarts_total counter"]
    lines += [f'instance_restarts_total{{instance="{member.name}"}} {member.restarts}' for member in members]
    lines += ["# HELP edge_responses Logged responses by status.", "# TYPE edge_responses gauge"]
    statuses = Counter(line.error or str(line.status) for line in hosting.edge.log.lines)
    lines += [f'edge_responses{{status="{status}"}} {count}' for status, count in sorted(statuses.items())]
    lines += ["# HELP utilisation Of the instances in the last hour; 1 is full.", "# TYPE utilisation gauge"]
    lines += [f"utilisation {hosting.state.utilisation}"]
    lines += ["# HELP database_utilisation The same of the database's writer.", "# TYPE database_utilisation gauge"]
    lines += [f"database_utilisation {hosting.state.database}"]
    lines += ["# TYPE database_bytes gauge", f"database_bytes {hosting.driver.data_bytes()}"]
    lines += ["# TYPE mail_sent_total counter", f"mail_sent_total {hosting.relay.sent}"]
    lines += ["# HELP mail_dropped_total Files in the pickup folder that were no letters, too large or too many."]
    lines += ["# TYPE mail_dropped_total counter", f"mail_dropped_total {hosting.relay.dropped}"]
    lines += ["# TYPE alerts gauge", *(f'alerts{{kind="{kind}"}} 1' for kind in sorted(hosting.state.alerts))]
    return "\n".join(lines) + "\n"
