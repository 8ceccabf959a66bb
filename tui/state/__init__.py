"""What the screen knows: one frozen value, moved on by one pure function for each event."""

from tui.state.business import Business, net_reward, reduce

__all__ = ["Business", "net_reward", "reduce"]
