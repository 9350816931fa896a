"""Texts of other kernels' files, as seen there."""

from __future__ import annotations

# cgroup v2: Debian 12 under systemd.
MOUNTS_2 = (
    "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0\n"
)
CGROUPS_2 = "0::/system.slice/tripod-sync-w1.service\n"
# Version 1 beside an empty version 2: this lab.
MOUNTS_1 = (
    "tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0\n"
    "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n"
    "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n"
    "cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0\n"
    "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n"
)
CGROUPS_1 = (
    "4:memory:/process_api/abc\n"
    "2:cpu,cpuacct:/system.slice/tripod-sync-w1.service\n"
    "1:name=systemd:/system.slice/tripod-sync-w1.service\n"
    "0::/system.slice/tripod-sync-w1.service\n"
)
CPU_STAT_2 = (
    "usage_usec 2501233\nuser_usec 2000000\nsystem_usec 501233\n"
    "nr_periods 40\nnr_throttled 7\nthrottled_usec 350000\n"
)
CPU_STAT_1 = "nr_periods 40\nnr_throttled 7\nthrottled_time 350000000\n"

STAT = (
    "cpu  30 5 20 400 8 1 2 3 0 0\n"
    "cpu0 10 2 8 200 4 1 1 1 0 0\n"
    "cpu1 20 3 12 200 4 0 1 2 5 5\n"
    "intr 12345 6 7\nctxt 9876\nbtime 1700000000\nprocesses 4242\n"
)
NET_DEV = (
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls\n"
    "    lo: 1000 10 0 0 0 0 0 0 1000 10 0 0 0 0 0 0\n"
    "  eth0:5000 50 0 0 0 0 0 0 7000 70 0 0 0 0 0 0\n"
    "host0@if3: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n"
)
SNMP = (
    "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
    "Tcp: RtoAlgorithm ActiveOpens PassiveOpens RetransSegs\nTcp: 1 11 22 33\n"
)
NETSTAT = (
    "TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeouts TCPSynRetrans\nTcpExt: 0 4 5 6 7\n"
    "IpExt: InNoRoutes\nIpExt: 0\n"
)
