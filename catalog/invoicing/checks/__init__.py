"""Each defect's check: safe, defect or broken, on a running invoicing product."""
