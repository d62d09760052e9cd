#!/usr/bin/perl
# The fake hub of the Perl SDK's tests, remote-controlled: one connection, a JSON command a line, a JSON answer a line. Ends with the connection.
#   hub.pl <folder of FakeHub.pm>       prints "<port of control> <port of the hub>"

use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;
use lib shift;
use FakeHub;

$| = 1;
my $json     = JSON::PP->new->utf8->canonical;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 1) or die "no port: $!";
my $hub      = FakeHub->new;
print $listener->sockport, ' ', $hub->port, "\n";
my $control = $listener->accept or die "nobody came: $!";

my %answer = (
    up => sub {
        my %b = %{ $_[0] // {} };
        $b{refuse} = qr/$b{refuse}/ if defined $b{refuse};
        $hub->up(%b);
        return 1;
    },
    down     => sub { $hub->down;   return 1 },
    freeze   => sub { $hub->freeze; return 1 },
    thaw     => sub { $hub->thaw;   return 1 },
    hellos   => sub { return [ map { decode_json($_->{line}) } @{ $hub->hellos } ] },
    repeated => sub { return scalar @{ $hub->repeated } },
    messages => sub { return $hub->messages },
    accepted => sub { return [ map { +{ %$_, line => undef } } @{ $hub->accepted } ] },
    count    => sub { return scalar @{ $hub->accepted } },
    events   => sub { return [ map { $_->{line} =~ /"type":"event".*?"msg":"([^"]*)"/ ? $1 : () } @{ $hub->accepted } ] },
    closed   => sub { return [ map { $_->{client} } @{ $hub->_records('closed') } ] },
);
while (my $line = <$control>) {
    my $command = $json->decode($line);
    my $result  = $answer{ $command->{do} }->($command->{with});
    print {$control} $json->encode([$result]), "\n";
}
