package MonitoringSDK::Host;

# What this process uses, for log_resource: from times() and /proc. A value that
# the system does not tell is left out.

use 5.010;
use strict;
use warnings;
use Time::HiRes ();

use constant MB      => 1_048_576;
use constant USER_HZ => 100;           # on all that Linux runs on but alpha and ia64

# CPU per cent of one core since the previous call, the first time since this process began, which in a forked one is not when Perl did.
sub cpu {
    my ($last) = @_;
    my ($user, $system) = times;
    my $now  = Time::HiRes::time();
    my $used = $user + $system - ($last->{used} // 0);
    my $wall = defined $last->{at} ? $now - $last->{at} : _age() // $now - $^T;
    @$last{qw(used at)} = ($user + $system, $now);
    return $wall > 0 ? _round(100 * $used / $wall) : 0;
}

# Seconds since this process began; proc(5).
sub _age {
    my ($ticks) = _slurp('/proc/self/stat') =~ /.*\)\s+(?:\S+\s+){19}([0-9]+)/s or return undef;
    my ($uptime) = _slurp('/proc/uptime') =~ /\A([0-9.]+)/ or return undef;
    return $uptime - $ticks / USER_HZ;
}

# Resident memory in MB.
sub memory {
    return _slurp('/proc/self/status') =~ /^VmRSS:\s+([0-9]+) kB/m ? _round($1 / 1_024) : undef;
}

# MB that this process has read from and written to disks.
sub disk {
    my $text = _slurp('/proc/self/io');
    my ($read)    = $text =~ /^read_bytes: ([0-9]+)/m or return undef;
    my ($written) = $text =~ /^write_bytes: ([0-9]+)/m or return undef;
    return _round(($read + $written) / MB);
}

# MB received and sent by the network interfaces of the host, without loopback:
# the kernel does not count them for a process.
sub network {
    my ($bytes, $seen) = (0, 0);
    for my $line (split /\n/, _slurp('/proc/net/dev')) {
        my ($name, $numbers) = $line =~ /^\s*(\S+?):\s*(.*)/ or next;
        $seen = 1;
        next if $name eq 'lo';
        my @n = split ' ', $numbers;
        $bytes += $n[0] + $n[8];
    }
    return $seen ? _round($bytes / MB) : undef;
}

# threads, fds (open descriptors) and children of this process; load1, load5 and
# load15 of the host. Children are kept by thread: those of the first eight.
sub counts {
    my %found;
    my @threads = _names('/proc/self/task');
    $found{threads} = @threads if @threads;
    # Since Linux 6.2 the folder's size is their number; before, it is 0.
    my $fds = (stat '/proc/self/fd')[7] || scalar(my @listed = _names('/proc/self/fd')) - 1;    # without the one that lists
    $found{fds} = $fds if $fds > 0;
    my @lists = grep { -e } map { "/proc/self/task/$_/children" } splice @threads, 0, 8;
    $found{children} = map { split } map { _slurp($_) } @lists if @lists;
    @found{qw(load1 load5 load15)} = map { $_ + 0 } split ' ', $1 if _slurp('/proc/loadavg') =~ /\A((?:[0-9.]+ ){3})/;
    return \%found;
}

sub _names {
    my ($folder) = @_;
    opendir my $handle, $folder or return;
    my @names = grep { !/\A\.\.?\z/ } readdir $handle;
    closedir $handle;
    return @names;
}

sub _slurp {
    my ($path) = @_;
    open my $fh, '<', $path or return '';
    my $text = '';
    1 while sysread $fh, $text, 16_384, length $text;
    close $fh;
    return $text;
}

sub _round { return sprintf('%.2f', $_[0]) + 0 }

1;
