#!/usr/bin/perl
# Fills a folder with tonight's input: the files beside this program, four larger
# ones that are always the same, and the manifest. One checksum in it is wrong and
# one file is announced that does not exist.
#
#   generate.pl <incoming folder>

use strict;
use warnings;
use Digest::SHA ();
use File::Copy ();
use File::Glob ':bsd_glob';
use FindBin;

my $to = shift // die "usage: generate.pl <folder>\n";
my @articles  = ('bolt M6', 'bolt M8', 'nut M6', 'nut M8', 'washer', 'rivet', 'anchor');
my @customers = qw(Lund Malm Ek Sato Rossi Weber Novak);

# A generator of our own: the same numbers on every machine.
my $seed = 20_260_101;
sub below { $seed = ($seed * 1_103_515_245 + 12_345) % 2_147_483_648; return int($seed / 65_536) % $_[0] }

for my $month (1 .. 4) {
    my $rows = "order_id,date,customer,article,quantity,price\n";
    for my $n (1 .. 1_000) {
        $rows .= sprintf "%s%06d,2026-%02d-%02d,%s,%s,%d,%d.%02d\n", qw(JA FE MR AP)[ $month - 1 ], $n, $month, 1 + below(28),
            $customers[ below(scalar @customers) ], $articles[ below(scalar @articles) ], $n % 400 == 399 ? 0 : 1 + below(500), below(40), below(100);
    }
    open my $fh, '>:raw', sprintf('%s/orders-2026-%02d.csv', $to, $month) or die $!;
    print {$fh} $rows;
    close $fh or die $!;
}
File::Copy::copy($_, $to) or die "$_: $!\n" for glob "$FindBin::Bin/*.csv";

open my $manifest, '>', "$to/MANIFEST" or die $!;
for my $path (sort glob "$to/*.csv") {
    my ($file) = $path =~ m{([^/]+)\z};
    next if $file =~ /unannounced/;
    my $sum = Digest::SHA->new(256)->addfile($path)->hexdigest;
    $sum = reverse $sum if $file =~ /wrong-checksum/;
    print {$manifest} "$sum  $file\n";
}
print {$manifest} '0' x 64, "  orders-lost.csv\n";
close $manifest or die $!;
