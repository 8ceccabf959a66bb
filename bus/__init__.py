"""What is said: message types, subjects, ids, money, simulated time, and the transports that carry them."""

import os

# libuv hands epoll_ctl calls to io_uring in batches, and a descriptor that is closed soon after (a pidfd, a socket) can
# leave an operation that never completes: a loop was seen to wait for it for ever when it closed. Read once by libuv,
# when the first loop is made.
os.environ.setdefault("UV_USE_IO_URING", "0")
