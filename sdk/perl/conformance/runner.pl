#!/usr/bin/env perl
# Plays calls for the conformance suite: conformance/README.md says how.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use POSIX ();
use Time::HiRes ();
use MonitoringSDK;

my $json = JSON::PP->new->canonical->allow_nonref;
my $sdk;

sub odd_values {
    my $cyclic = { name => 'c' };
    $cyclic->{self} = $cyclic;
    my $deep = [];
    $deep = [$deep] for 1 .. 200;
    my @values = (undef, 9**9**9, -9**9**9, -sin(9**9**9), '', $cyclic, $deep, sub { }, \*STDOUT, qr/x/, bless({}, 'Strange'), \undef, "\0\x{1f}\x7f",
        "\x{d800}", "\x{110000}", "\xff\xfe");
    my $calls = 0;
    for my $value (@values) {
        $sdk->log_event($value, $value, { value => $value, list => [$value] });
        $sdk->log_event('info', 'context', $value);
        $sdk->log_metric($value, $value, $value, $value);
        $sdk->log_metric('m', $value);
        $sdk->log_progress($value, $value, $value);
        $sdk->log_resource($value, $value, $value, $value);
        $sdk->end_span($sdk->start_span($value, $value), $value, $value);
        $calls += 8;
    }
    return $calls;
}

sub burst {
    my ($a) = @_;
    my ($start, $slowest) = (Time::HiRes::time(), 0);
    my $before = $start;
    for my $n ($a->{from} .. $a->{to}) {
        $sdk->log_event('info', "$n");
        my $now = Time::HiRes::time();
        $slowest = $now - $before if $now - $before > $slowest;
        $before = $now;
    }
    return { seconds => $before - $start, slowest => $slowest };
}

# The child ends as a program does: nobody calls close.
sub in_child {
    my ($a) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        close STDOUT;
        $sdk->log_event('info', "child $_") for $a->{from} .. $a->{to};
        exit 0;
    }
    waitpid $pid, 0;
    return $?;
}

# A child as a daemon is: what it and its own children print goes nowhere.
sub without_streams {
    my ($a) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        POSIX::close($_) for 0 .. 2;
        my $middle = int(($a->{from} + $a->{to}) / 2);
        $sdk->log_event('info', "$_") for $a->{from} .. $middle;
        $sdk->flush(5);
        POSIX::write($_, "stray\n", 6) and POSIX::_exit(1) for 1, 2;    # it is somebody's
        system 'echo stray; echo stray >&2';
        $sdk->log_event('info', "$_") for $middle + 1 .. $a->{to};
        exit 0;
    }
    waitpid $pid, 0;
    return $?;
}

my %call = (
    new => sub { my ($a) = @_; $_ = ref $_ ? $$_ ? 1 : 0 : $_ for values %$a; $sdk = MonitoringSDK->new(%$a); return },
    log_event    => sub { my ($a) = @_; $sdk->log_event(@$a{qw(level message context)}) },
    log_metric   => sub { my ($a) = @_; $sdk->log_metric(@$a{qw(name value unit tags)}) },
    log_progress => sub { my ($a) = @_; $sdk->log_progress(@$a{qw(job_id percent status)}) },
    log_resource => sub { my ($a) = @_; $sdk->log_resource(@$a{qw(cpu mem disk net)}) },
    heartbeat    => sub { $sdk->heartbeat },
    start_span   => sub { my ($a) = @_; $sdk->start_span(@$a{qw(name trace_id)}) },
    end_span     => sub { my ($a) = @_; $sdk->end_span(@$a{qw(span_id status tags)}) },
    set_trace_id => sub { my ($a) = @_; $sdk->set_trace_id($a->{trace_id}) },
    set_context  => sub { my ($a) = @_; $sdk->set_context(@$a{qw(key value)}) },
    start_job_analysis => sub { my ($a) = @_; $sdk->start_job_analysis(@$a{qw(job_id name)}, { subjobs => $a->{subjobs} }) },
    track_subjob     => sub { my ($a) = @_; $sdk->track_subjob(@$a{qw(job_id subjob_id name)}) },
    end_subjob       => sub { my ($a) = @_; $sdk->end_subjob(@$a{qw(job_id subjob_id status)}) },
    end_job_analysis => sub { my ($a) = @_; $sdk->end_job_analysis(@$a{qw(job_id status)}) },
    flush => sub { my ($a) = @_; $sdk->flush($a->{timeout}) ? JSON::PP::true : JSON::PP::false },
    close => sub { my ($a) = @_; $sdk->close($a->{timeout}); return },
    stats => sub { my $s = $sdk->get_stats; $_ = defined $_ && /\A[0-9]+\z/ ? $_ + 0 : $_ for values %$s; $s },
    burst => \&burst,
    huge  => sub { my ($a) = @_; $sdk->log_event('info', 'x' x $a->{bytes}, { text => 'y' x $a->{bytes} }) },
    bytes => sub { my ($a) = @_; my $text = pack 'H*', $a->{hex}; $sdk->log_event('info', $text, { $text => $text }) },
    odd_values => \&odd_values,
    fork       => \&in_child,
    without_streams => \&without_streams,
    setuid     => sub { my ($a) = @_; POSIX::setuid($a->{user}) or die $!; return },
    chdir      => sub { my ($a) = @_; chdir $a->{folder} or die $!; return },
);

$| = 1;
while (my $line = <STDIN>) {
    my $request = $json->decode($line);
    my $code = $call{ $request->{call} } or die "unknown call $request->{call}\n";
    my $result = $code->($request->{args} // {});
    print $json->encode({ ok => JSON::PP::true, result => $result }), "\n";
}
