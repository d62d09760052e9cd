#!/usr/bin/perl
# The calls that sdk/benchmarks/run times, in Perl: prints what each took in nanoseconds. sdk/benchmarks/README.md says with which arguments.
use strict;
use warnings;
use FindBin;
use IO::Handle;
use POSIX ();
use Time::HiRes qw(clock_gettime usleep CLOCK_MONOTONIC);
use lib "$FindBin::Bin/../lib";
use MonitoringSDK;

my ($mode, $warm_up, $burst, $paced, $pause, $file) = @ARGV;

sub timed {
    my ($call, $n) = @_;
    my $start = clock_gettime(CLOCK_MONOTONIC);
    $call->($n);
    return int(1e9 * (clock_gettime(CLOCK_MONOTONIC) - $start));
}

# A burst of each kind, then all in turn with pauses.
sub measure {
    my ($settle, @kinds) = @_;
    for my $n (1 .. $warm_up) { $_->[1]->($n) for @kinds }
    $settle->();
    for my $kind (@kinds) {
        print join(' ', "burst $kind->[0]", map { timed($kind->[1], $_) } 1 .. $burst), "\n";
        $settle->();
    }
    my %took;
    for my $n (1 .. $paced) {
        for my $kind (@kinds) {
            push @{ $took{ $kind->[0] } }, timed($kind->[1], $n);
            usleep $pause;
        }
    }
    print join(' ', "paced $_->[0]", @{ $took{ $_->[0] } }), "\n" for @kinds;
    return;
}

# Log4perl where it is installed, else what its file appender does.
sub logger {
    if (eval { require Log::Log4perl }) {
        my $appender = 'log4perl.appender.F';
        my $configuration = "log4perl.rootLogger=INFO, F\n$appender=Log::Log4perl::Appender::File\n$appender.filename=$file\n"
            . "$appender.layout=PatternLayout\n$appender.layout.ConversionPattern=%d %p %m%n\n";
        Log::Log4perl->init(\$configuration);
        my $logger = Log::Log4perl->get_logger('cost');
        print "with Log::Log4perl\n";
        return sub { $logger->info("Job started job_id=12345 attempt=$_[0]") };
    }
    open my $out, '>', $file or die "$file: $!";
    $out->autoflush(1);
    print "with print, autoflush\n";
    return sub { print $out POSIX::strftime('%Y-%m-%d %H:%M:%S', localtime), " INFO Job started job_id=12345 attempt=$_[0]\n" };
}

if ($mode eq 'logger') {
    measure(sub { }, [ event => logger() ]);
    exit;
}
my $sdk = MonitoringSDK->new(source => 'cost-perl');
my @kinds = (
    [ event => sub { $sdk->log_event('info', 'Job started', { job_id => '12345', attempt => $_[0] }) } ],
    [ span => sub { $sdk->end_span($sdk->start_span('step')) } ],
);
measure(sub { $sdk->flush(2) }, $mode eq 'resource' ? [ resource => sub { $sdk->log_resource } ] : @kinds);
$sdk->close(2);
my $stats = $sdk->get_stats;
print "acked $stats->{acked}\ndropped $stats->{dropped}\n";
