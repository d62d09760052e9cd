#!/usr/bin/perl
# The script as a person runs it: server, hub, application, and the trace by SQL.
use strict;
use warnings;
use Test::More;
use FindBin;

my $output = `bash $FindBin::Bin/../run.sh 2>&1`;
is($? >> 8, 0, 'ends with 0') or diag($output);
my ($tree) = $output =~ /by SQL.*?\n(.*?)==> Its spans/s;
like($tree, qr/^ nightly load\s+\| nightly-load\s/m, 'the root is the job');
like($tree, qr/^   receive files\s+\| file-receiver/m, 'its steps are below it');
like($tree, qr/^ {7,}\w.*\| db-loader/m, 'the loader hangs below the queue that started it');
unlike($tree, qr/\|\s*$/m, 'every span has ended');

# What only merged spans are routed to, with the same trace by the view over all messages.
my ($merged) = $output =~ /one row a span.*?\n(.*?)==> Jobs/s;
my @rows = map { [map { s/^\s+|\s+$//gr } split /\|/] } grep { /\|/ && !/^\s*span\s+\|/ } split /\n/, $merged;
my @spans = map { (split /\|/)[0] =~ s/^\s+|\s+$//gr } grep { /\|/ && !/^\s*span\s+\|/ } split /\n/, $tree;
cmp_ok(scalar @spans, '>=', 5, 'the trace has spans');
is_deeply([sort map { $_->[0] } @rows], [sort @spans], 'each span is one row');
my $time = qr/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;
is(scalar(grep { $_->[2] !~ $time || $_->[3] !~ $time || $_->[4] !~ /^\d/ } @rows), 0, 'with start, end and duration') or diag($merged);
like($output, qr/^ nightly-\S+ \|\s+100 \| done\s+\|\s+\d+ \| t$/m, 'the job is at 100 percent');
like($output, qr/\d{2,} rows, each exactly once/, 'rows are counted');
done_testing();
