#!/usr/bin/perl
# price_order.pl PRICE-LIST: prices the order that comes as JSON, {"order", "lines": [{"article", "quantity"}]}. Each line of the answer has cents and
# grams of one piece. Status 3: the list lacks an article; the reason is the answer's "error".
use strict;
use warnings;
use FindBin;
use JSON::PP ();
use lib "$FindBin::Bin/../../sdk/perl/lib";
use MonitoringSDK;

my $json = JSON::PP->new->utf8->canonical;
my $sdk  = MonitoringSDK->new(source => 'price-script');    # hub, trace and the span above come from the environment

# {article => {cents, grams}}; lines that cannot be are told and left out.
sub read_prices {
    my ($path) = @_;
    my $span = $sdk->start_span('read price list');
    open my $in, '<:encoding(UTF-8)', $path or die "cannot read $path: $!\n";
    my %found;
    while (my $line = <$in>) {
        chomp $line;
        next if $line =~ /\A\s*(?:#|\z)/;
        my ($article, $name, $price, $grams) = split /;/, $line;
        my ($whole, $part) = ($price // '') =~ /\A([0-9]+),([0-9]{1,2})\z/;
        if (defined $whole && ($grams // '') =~ /\A[1-9][0-9]*\z/) {
            $found{$article} = { cents => $whole * 100 + substr("${part}0", 0, 2), grams => $grams + 0 };
        }
        else { $sdk->log_event('warn', 'price left out', { line => $., text => $line }) }
    }
    $sdk->end_span($span, 'ok', { articles => scalar keys %found });
    return \%found;
}

sub price {
    my ($order, $prices) = @_;
    my $span = $sdk->start_span('price lines');
    my ($total, @lines, @missing) = (0);
    for my $line (@{ $order->{lines} }) {
        my $known = $prices->{ $line->{article} };
        if (!$known) { push @missing, $line->{article}; next }
        $total += $line->{quantity} * $known->{cents};
        push @lines, { article => $line->{article}, quantity => $line->{quantity} + 0, %$known };
    }
    $sdk->end_span($span, @missing ? 'error' : 'ok', { lines => scalar @lines });
    return { error => "no price for article @missing" } if @missing;
    $sdk->log_metric('order.value', $total / 100, 'EUR', { order => $order->{order} });
    return { lines => \@lines, total_cents => $total };
}

my $span   = $sdk->start_span('price order');
my $answer = eval {
    my $order = do { local $/; <STDIN> };
    price($json->decode($order), read_prices($ARGV[0] // die "usage: price_order.pl PRICE-LIST\n"));
};
my $died = $@;
my $why  = $answer ? $answer->{error} : $died;
$sdk->log_event('error', 'order not priced', { reason => $why }) if defined $why;
$sdk->end_span($span, defined $why ? 'error' : 'ok');
$sdk->close;
die $died unless $answer;
print $json->encode($answer), "\n";
exit($answer->{error} ? 3 : 0);
