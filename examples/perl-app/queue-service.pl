#!/usr/bin/perl
# queue-service: a durable queue of work items, one small file each. The folder an
# item lies in is its state, and a state changes by one rename:
#
#   queue/new -> queue/claimed -> queue/done
#                             \-> queue/new (again, up to max_attempts) or queue/failed
#
#   queue-service.pl enqueue              one item for every file in accepted/
#   queue-service.pl work <program> ...   claim items and run the program with each file

use strict;
use warnings;
use File::Glob ':bsd_glob';
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../sdk/perl/lib";
use Estate qw(folder in_span job_id monitor read_json write_json);

my $command = shift // '';
my $config  = read_json(folder() . '/config.json');
my %queue   = map { $_ => folder('queue', $_) } qw(new claimed done failed);
my $sdk     = monitor('queue-service');

if    ($command eq 'enqueue')         { in_span($sdk, 'enqueue', {}, \&enqueue) }
elsif ($command eq 'work' && @ARGV)   { in_span($sdk, 'work off the queue', {}, \&work) }
else                                  { die "usage: queue-service.pl enqueue | work <program> [argument ...]\n" }
$sdk->log_resource;
$sdk->close;

sub items { my ($state) = @_; return sort map { m{([^/]+)\.item\z} } glob "$queue{$state}/*.item" }

sub move {
    my ($item, $from, $to) = @_;
    return rename "$queue{$from}/$item.item", "$queue{$to}/$item.item";
}

sub report_depth {
    for my $state (qw(new claimed failed)) {
        my @items = items($state);
        $sdk->log_metric('queue.depth', scalar @items, 'items', { state => $state });
    }
    return;
}

sub enqueue {
    my ($tags) = @_;
    my $accepted = folder('accepted');
    for my $path (sort glob "$accepted/*.csv") {
        my ($item) = $path =~ m{([^/]+)\.csv\z};
        write_json("$queue{new}/$item.item", { file => $path, attempts => 0 });
        unlink map {"$queue{$_}/$item.item"} qw(done failed);
        $sdk->log_event('debug', 'enqueued', { item => $item });
        $tags->{items}++;
    }
    report_depth();
    return;
}

sub work {
    my ($tags) = @_;
    # What a run that died had claimed is work again.
    for my $item (items('claimed')) {
        move($item, 'claimed', 'new');
        $sdk->log_event('warn', 'item of a broken run taken up again', { item => $item });
    }
    my %count = map { $_ => 0 } qw(done failed retried);
    my $total = () = items('new');
    while (my @waiting = items('new')) {
        my $item = $waiting[0];
        # Another worker may be quicker: then it has the item.
        move($item, 'new', 'claimed') or next;
        my $outcome = in_span($sdk, 'work on item', { item => $item }, sub { return try_item($item, $_[0]) });
        $count{$outcome}++;
        report_depth();
        $sdk->log_progress(job_id(), 40 + 55 * ($count{done} + $count{failed}) / ($total || 1), 'loading');
    }
    %$tags = %count;
    write_json(folder() . '/queue.json', \%count);
    return;
}

# done, retried or failed
sub try_item {
    my ($item, $found) = @_;
    my $path = "$queue{claimed}/$item.item";
    my $work = read_json($path);
    $found->{attempt} = ++$work->{attempts};
    write_json($path, $work);

    # The program's spans belong below this item's.
    my $env = $sdk->child_env;
    local @ENV{ keys %$env } = values %$env;
    system @ARGV, $work->{file};
    my $status = $? == -1 ? 127 : $? & 127 ? 128 + ($? & 127) : $? >> 8;
    $found->{exit} = $status;
    if ($status == 0) { move($item, 'claimed', 'done'); return 'done' }

    my $last = $work->{attempts} >= $config->{queue}{max_attempts};
    $found->{status} = $last ? 'failed' : 'retry';
    $sdk->log_event($last ? 'error' : 'warn', $last ? 'item failed' : 'item will be tried again',
        { item => $item, attempt => $work->{attempts}, exit => $status });
    move($item, 'claimed', $last ? 'failed' : 'new');
    return $last ? 'failed' : 'retried';
}
