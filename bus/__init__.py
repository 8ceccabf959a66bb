"""What is said: messages, subjects, ids, money, simulated time, and the contract every service fulfils."""
