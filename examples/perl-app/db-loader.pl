#!/usr/bin/perl
# db-loader: loads one accepted CSV file into the table. Core Perl has no database
# driver, so the table is a store of its own: db/<table>.data holds the rows sorted
# by key, db/<table>.index the key and byte offset of each. Both are written anew
# and renamed; the index names the data file it belongs to, so a crash between the
# two renames is seen and mended. Loading a file twice changes nothing.
#
#   db-loader.pl <file.csv>      exit 65: the file contradicts itself

use strict;
use warnings;
use Digest::SHA ();
use Fcntl qw(:flock);
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../sdk/perl/lib";
use Estate qw(folder in_span monitor read_json write_file write_json);

my $path   = shift // die "usage: db-loader.pl <file.csv>\n";
my $config = read_json(folder() . '/config.json');
my $base   = folder('db') . "/$config->{loader}{table}";
my $sdk    = monitor('db-loader');
my ($file) = $path =~ m{([^/]+)\z};

my $ok = eval {
    in_span($sdk, 'load file', { file => $file }, sub {
        my ($tags) = @_;
        open my $lock, '>>', "$base.lock" or die "cannot lock $base: $!\n";
        flock $lock, LOCK_EX or die "cannot lock $base: $!\n";
        my $new   = in_span($sdk, 'read rows',  { file => $file }, sub { return rows_of_csv($_[0]) });
        my $table = in_span($sdk, 'read table', {}, sub { return rows_of_table($_[0]) });
        my %count = map { $_ => 0 } qw(inserted updated unchanged);
        for my $key (keys %$new) {
            $count{ !exists $table->{$key} ? 'inserted' : $table->{$key} ne $new->{$key} ? 'updated' : 'unchanged' }++;
            $table->{$key} = $new->{$key};
        }
        if ($count{inserted} + $count{updated}) {
            in_span($sdk, 'write table', { rows => scalar keys %$table }, sub { return write_table($table) });
        }
        in_span($sdk, 'verify', {}, sub { return verify($new, scalar keys %$table, $_[0]) }) if $config->{loader}{verify};
        $sdk->log_metric("loader.rows_$_", $count{$_}, 'rows', { table => $config->{loader}{table} }) for sort keys %count;
        $sdk->log_metric('table.rows', scalar keys %$table, 'rows', { table => $config->{loader}{table} });
        add_to_totals(\%count, scalar keys %$table);
        %$tags = (%$tags, %count);
        return;
    });
    1;
};
my $error = $@;
$sdk->log_event('error', 'load failed', { file => $file, reason => $error }) unless $ok;
$sdk->close;
if (!$ok) { print STDERR "db-loader: $file: $error"; exit 65 }
exit 0;

sub rows_of_csv {
    my ($tags) = @_;
    open my $fh, '<:raw', $path or die "cannot read $path: $!\n";
    my @columns = @{ $config->{receiver}{columns} };
    my ($key_at) = grep { $columns[$_] eq $config->{receiver}{key} } 0 .. $#columns;
    my %row;
    <$fh>;
    while (my $line = <$fh>) {
        chomp $line;
        my $key = (split /,/, $line, -1)[$key_at];
        die "line $.: $key stands there twice with different values\n" if exists $row{$key} && $row{$key} ne $line;
        $row{$key} = $line;
    }
    $tags->{rows} = keys %row;
    return \%row;
}

sub rows_of_table {
    my ($tags) = @_;
    my %row;
    if (open my $fh, '<:raw', "$base.data") {
        while (my $line = <$fh>) {
            chomp $line;
            my ($key, $rest) = split /\t/, $line, 2;
            $row{$key} = $rest;
        }
    }
    $tags->{rows} = keys %row;
    return \%row;
}

sub write_table {
    my ($table) = @_;
    my ($data, $index) = ('', '');
    for my $key (sort keys %$table) {
        $index .= "$key\t" . length($data) . "\n";
        $data  .= "$key\t$table->{$key}\n";
    }
    write_file("$base.data", $data);
    write_file("$base.index", 'data ' . Digest::SHA::sha256_hex($data) . "\n$index");
    return;
}

# Every new row is found through the index, and nothing is there too much.
sub verify {
    my ($new, $expected, $tags) = @_;
    open my $data, '<:raw', "$base.data" or die "cannot read $base.data: $!\n";
    my $sum = Digest::SHA->new(256)->addfile($data)->hexdigest;
    open my $fh, '<:raw', "$base.index" or die "cannot read $base.index: $!\n";
    if (<$fh> ne "data $sum\n") {
        $sdk->log_event('warn', 'index is older than the data, written anew', { table => $config->{loader}{table} });
        write_table(rows_of_table({}));
        open $fh, '<:raw', "$base.index" or die "cannot read $base.index: $!\n";
        <$fh>;
        open $data, '<:raw', "$base.data" or die "cannot read $base.data: $!\n";
    }
    my %offset = map { chomp; split /\t/ } <$fh>;
    die keys(%offset) . " rows in the index, expected $expected\n" if keys %offset != $expected;
    for my $key (keys %$new) {
        seek $data, $offset{$key} // die("$key is not in the index\n"), 0;
        my $line = <$data>;
        die "$key is not where the index says\n" if $line ne "$key\t$new->{$key}\n";
    }
    $tags->{rows} = keys %$new;
    return;
}

sub add_to_totals {
    my ($count, $rows) = @_;
    my $totals = eval { read_json(folder() . '/loader.json') } // {};
    $totals->{$_} += $count->{$_} for keys %$count;
    $totals->{rows} = $rows;
    write_json(folder() . '/loader.json', $totals);
    return;
}
