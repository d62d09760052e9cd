#!/usr/bin/perl
# The script as a person runs it: server, hub, application, and the trace by SQL.
use strict;
use warnings;
use Test::More;
use FindBin;

my $output = `bash $FindBin::Bin/../run.sh 2>&1`;
is($? >> 8, 0, 'ends with 0') or diag($output);
my ($tree) = $output =~ /by SQL.*?\n(.*?)==> Jobs/s;
like($tree, qr/^ nightly load\s+\| nightly-load\s/m, 'the root is the job');
like($tree, qr/^   receive files\s+\| file-receiver/m, 'its steps are below it');
like($tree, qr/^ {7,}\w.*\| db-loader/m, 'the loader hangs below the queue that started it');
unlike($tree, qr/\|\s*$/m, 'every span has ended');
like($output, qr/^ nightly-\S+ \|\s+100 \| done\s+\|\s+\d+ \| t$/m, 'the job is at 100 percent');
like($output, qr/\d{2,} rows, each exactly once/, 'rows are counted');
done_testing();
