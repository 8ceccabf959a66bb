"""Running untrusted programs: a layer shared by the services that do (the cloud and the gateway), not a service."""
