"""The company's hosting provider: releases, instances, the edge, jobs, usage and alerts."""
