#!/usr/bin/perl
# What one call costs the application: p50, p99, p99.9 and the largest, with a
# hub that answers, without one, and with one that is killed again and again.
#
#   perl -Ilib bench/call-cost.pl [calls]               the fake hub of the tests
#   MONITORING_PORT=17000 perl -Ilib bench/call-cost.pl  a real one at that port (first line only)

use strict;
use warnings;
use File::Temp ();
use FindBin;
use Time::HiRes qw(time);
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../t/lib";
use FakeHub;
use MonitoringSDK;

my $calls = shift // 50_000;
my $dir   = File::Temp->newdir;
$ENV{MONITORING_SPOOL_DIR} = "$dir";

my @kinds = (
    [ event    => sub { $_[0]->log_event('info', 'Job started', { job_id => '12345', attempt => $_[1] }) } ],
    [ metric   => sub { $_[0]->log_metric('queue.depth', $_[1], 'items', { queue => 'inbound' }) } ],
    [ progress => sub { $_[0]->log_progress('12345', $_[1] % 101, 'running') } ],
    [ span     => sub { $_[0]->end_span($_[0]->start_span('step')) } ],
);

sub measure {
    my ($name, $pause, %options) = @_;
    my $sdk = MonitoringSDK->new(source => 'bench', %options);
    $sdk->flush(1);
    my @took;
    for my $n (1 .. $calls) {
        my $code = $kinds[ $n % @kinds ][1];
        my $start = time;
        $code->($sdk, $n);
        push @took, time - $start;
        select undef, undef, undef, $pause if $pause;
    }
    @took = sort { $a <=> $b } @took;
    my $stats = $sdk->get_stats;
    printf "%-34s p50 %6.1f us   p99 %6.1f us   p99.9 %7.1f us   max %8.1f us   spooled %d, dropped %d\n", $name,
        (map { 1e6 * $took[ $_ * $#took ] } 0.5, 0.99, 0.999, 1), @$stats{qw(spooled dropped)};
    $sdk->close(20);
    unlink glob "$dir/*";
    return;
}

$| = 1;
if ($ENV{MONITORING_PORT}) {
    measure('hub up', 0);
    exit;
}
my $hub = FakeHub->new;
measure('hub down', 0, port => $hub->port);
measure('hub down, no spool', 0, port => $hub->port, spool => 0);
$hub->up(record => 0);
measure('hub up, calls without a pause', 0, port => $hub->port);
my $all = $calls;
$calls = 5_000;
measure('hub up, 2,000 calls/s', 0.0005, port => $hub->port);

# A helper kills the hub every 100 ms and starts it again.
my $parent = $$;
my $killer = fork // die $!;
if (!$killer) {
    $hub->{owner} = $$;
    $hub->{pid}   = undef;
    while (kill 0, $parent) {
        select undef, undef, undef, 0.1;
        $hub->up(record => 0);
        select undef, undef, undef, 0.1;
        $hub->down;
        last if getppid() != $parent;
    }
    POSIX::_exit(0);
}
$hub->down;
$calls = 5_000;
measure('hub dying, 2,000 calls/s', 0.0005, port => $hub->port, close_timeout => 1);
kill 'KILL', $killer;
waitpid $killer, 0;
