#!/usr/bin/perl
# The job as a whole: run.sh opens its span with `job.pl begin` and closes it,
# from another process, with `job.pl end <status>`.
#
# begin prints shell assignments: trace id and span id for all that follow.

use strict;
use warnings;
use FindBin;
use POSIX ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../sdk/perl/lib";
use Estate qw(job_id monitor);

my ($command, $status) = @ARGV;
my $sdk = monitor('nightly-load');

if ($command eq 'begin') {
    $sdk->start_job_analysis(job_id(), 'nightly load', { tags => { host => (POSIX::uname())[1] } });
    my $env = $sdk->child_env;
    print "$_=$env->{$_}\n" for sort keys %$env;
}
elsif ($command eq 'end') {
    $sdk->end_job_analysis(job_id(), $status);
    $sdk->end_span($ENV{MONITORING_PARENT_SPAN}, $status, { job_id => job_id() });
}
else { die "usage: job.pl begin | end <status>\n" }
$sdk->close;
