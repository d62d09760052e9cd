#!/usr/bin/env python3
"""Writes all vectors: python3 generate.py. The files are committed; this is where to add a case.

What a line must give is stated here by hand (a refusal's code, or that it is accepted). Only the tagged form of accepted lines is derived,
with Python's own JSON reader, so that no implementation under test has a say in it.
"""
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 65536
CASES = []

HEAD = '"v":1,"src":"queue-service","ts":1697821234567'
EVENT = '{' + HEAD + ',"type":"event","data":{"level":"info","msg":"Job started"}}'
CLIENT = '6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11'


class Number(str):
    """A number by its text."""


class Pairs(list):
    """An object's fields, in order, with duplicates."""


def tagged(value):
    if isinstance(value, Number):
        return {'n': str(value)}
    if isinstance(value, Pairs):
        return {'o': [[text(k), tagged(v)] for k, v in value]}
    if isinstance(value, list):
        return {'a': [tagged(v) for v in value]}
    if isinstance(value, bool):
        return {'b': 'true' if value else 'false'}
    return {'z': ''} if value is None else text(value)


def text(value):
    if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raw = value.encode('utf-16-be', 'surrogatepass')
        return {'u16': ' '.join(raw[i:i + 2].hex() for i in range(0, len(raw), 2))}
    return {'s': value}


def parse(line):
    return json.loads(line.decode('utf-8').strip(' \t\r'), object_pairs_hook=Pairs, parse_int=Number, parse_float=Number)


def accepted(line):
    message = parse(line)
    fields = dict(message)
    data = dict(fields['data']) if isinstance(fields.get('data'), Pairs) else {}
    if fields['type'] == 'hello':
        return {'hello': {'src': fields['src'], 'client': data['client'].lower(), 'next': str(data['next']),
                          'sdk': data.get('sdk') or '', 'token': 'present' if data.get('token') else 'absent'}}
    envelope = {'type': fields['type'], 'src': fields['src'], 'ts': str(int(fields['ts'])),
                'tid': 'present' if fields.get('tid') else 'absent'}
    if fields['type'] == 'event':
        envelope['level'] = data['level']
    return {'envelope': envelope, 'message': tagged(message)}


def case(where, *lines, tail=b'', end=b'\n'):
    """Each line is text or bytes for an accepted one, (code, line) for a refused one, None for an empty one, bytes in a list for blanks."""
    raw, expected = b'', []
    for line in lines:
        if isinstance(line, list):
            raw += line[0] + b'\n'
            continue
        code, body = line if isinstance(line, tuple) else ('', line)
        body = body if isinstance(body, bytes) else body.encode('utf-8')
        raw += body + end
        expected.append({'refused': code} if code else accepted(body))
    CASES.append((where, raw + tail, {'lines': expected, 'partial_bytes': str(len(tail))}))


def message(kind, data, extra='', head=HEAD):
    return '{' + head + ',"type":"' + kind + '"' + extra + (',"data":' + data if data else '') + '}'


def event(data='"level":"info","msg":"m"', extra=''):
    return message('event', '{' + data + '}', extra)


def with_src(src):
    return b'{"v":1,"src":"' + src + b'","ts":1,"type":"heartbeat"}'


def with_ts(ts):
    return '{"v":1,"src":"s","ts":' + ts + ',"type":"heartbeat"}'


def with_v(v):
    return '{"v":' + v + ',"src":"s","ts":1,"type":"heartbeat"}'


def value(v):
    return message('metric', '{"name":"n","value":' + v + '}')


def hello(data, kind='hello', head=HEAD):
    return '{' + head + ',"type":"' + kind + '","data":' + data + '}'


def client(extra='', next_='1'):
    return '{"client":"' + CLIENT + '","next":' + next_ + extra + '}'


def padded(total, head='{' + HEAD + ',"type":"event","data":{"level":"info","msg":"', tail='"}}'):
    """A line of this many bytes, its newline included."""
    return head + 'x' * (total - 1 - len(head) - len(tail)) + tail


def nested(depth, opening='[', closing=']'):
    """An event whose ctx.deep reaches this depth: the line is 1, data 2, ctx 3."""
    return event('"level":"info","msg":"m","ctx":{"deep":' + opening * (depth - 3) + closing * (depth - 3) + '}')


SPAN_IDS = ',"tid":"trace-123","sid":"span-456"'


def types():
    case('valid/types/event', '{"v":1,"src":"queue-service","ts":1697821234567,"type":"event","tid":"trace-123","sid":"span-456",'
         '"data":{"level":"info","msg":"Job started","ctx":{"job_id":"12345"}}}')
    case('valid/types/event-levels', *[event('"level":"%s","msg":""' % w) for w in ('debug', 'info', 'warn', 'error', 'fatal')])
    case('valid/types/event-context', event('"level":"warn","msg":"m","ctx":null'), event('"level":"warn","msg":"m","ctx":{}'),
         event('"level":"warn","msg":"m","ctx":[]'), event('"level":"warn","msg":"m","ctx":{"n":1,"b":true,"z":null,"a":[1,[]],"o":{"p":{}}}'))
    case('valid/types/metric', message('metric', '{"name":"queue.wait","value":12.5,"unit":"ms","tags":{"queue":"nightly"}}'),
         message('metric', '{"name":"n","value":0}'), message('metric', '{"name":"n","value":-3,"unit":null,"tags":null}'),
         message('metric', '{"name":"n","value":1E3,"unit":"","tags":[]}'))
    case('valid/types/progress', message('progress', '{"job_id":"12345","percent":0,"status":"running"}'),
         message('progress', '{"job_id":12345,"percent":100}'), message('progress', '{"job_id":"j","percent":99.9,"status":null}'),
         message('progress', '{"job_id":"j","percent":1e2}'), message('progress', '{"job_id":"j","percent":-0}'))
    case('valid/types/resource', message('resource', '{"cpu":12.5,"mem":512,"disk":1024,"net":0.5,"gpu":3}'),
         message('resource', '{"cpu":null,"mem":null,"disk":null,"net":null}'), message('resource', '{}'), message('resource', '[]'),
         message('resource', '{"cpu":1,"note":"unknown fields may be anything"}'))
    case('valid/types/span', message('span', '{"name":"load","start":1697821234000,"end":null,"status":"open","tags":{}}', SPAN_IDS),
         message('span', '{"name":"","start":0,"end":1697821234567,"status":"ok","tags":{"rows":7}}', SPAN_IDS),
         message('span', '{"name":"load","start":1697821234000.5}', SPAN_IDS + ',"pid":"span-1"'))
    case('valid/types/heartbeat', message('heartbeat', ''), message('heartbeat', 'null'), message('heartbeat', '{}'), message('heartbeat', '[]'),
         message('heartbeat', '{"uptime":5}'))
    case('valid/types/goodbye', message('goodbye', ''), message('goodbye', 'null'), message('goodbye', '{"reason":"exit"}'))


def envelope():
    case('valid/envelope/order-of-fields', '{"data":{"msg":"m","level":"error"},"type":"event","ts":1,"src":"s","v":1}')
    case('valid/envelope/unknown-fields', event(extra=',"host":"a","new":{"v":2,"src":[1]},"list":[{}]'),
         event('"level":"info","msg":"m","extra":{"level":"none"},"more":[1,2]'))
    case('valid/envelope/unknown-fields-twice', event(extra=',"host":"a","host":"b"'))
    case('valid/envelope/ids', event(extra=',"tid":null,"sid":null,"pid":null'), event(extra=',"tid":"","sid":"","pid":""'),
         event(extra=',"tid":"%s","sid":"s","pid":"p"' % ('t' * 255)))
    case('valid/envelope/source', with_src(b's'), with_src(b'x' * 255), with_src('Überwachung/βήτα 1'.encode()), with_src(b'a\\"b\\\\c\\/d'),
         with_src('é'.encode() * 127 + b'x'), with_src(b' '))
    case('valid/envelope/white-space', b' \t{ "v" : 1 , "src" : "s" , "ts" : 1 , "type" : "heartbeat" } \t ', b'{"v":\r1,"src":"s","ts":1,"type":"heartbeat"}')
    case('valid/envelope/far-off-time', with_ts('0'), with_ts('1'), with_ts('253402300800000'), with_ts('9223372036854775807'), with_ts('-0'))


def strings():
    case('valid/strings/escapes', event(r'"level":"info","msg":"\"\\\/\b\f\n\r\t\u00e9\u20AC"'), event(r'"level":"info","msg":"\u0000"'),
         event(r'"level":"info","msg":"m","ctx":{"\u0000":"\u001f"}'))
    case('valid/strings/escaped-names', r'{"\u0076":1,"\u0073rc":"s","t\u0073":1,"typ\u0065":"\u0065vent","dat\u0061":{"l\u0065vel":"inf\u006f","ms\u0067":"m"}}')
    case('valid/strings/utf8', event('"level":"info","msg":"aé€😀\u007f\u0080\ud7ff\ue000\ufffd\uffff\U00010000\U0010ffff"'),
         event('"level":"info","msg":"m","ctx":{"ключ":"значение","🔑":1}'))
    case('valid/strings/surrogate-pairs', event(r'"level":"info","msg":"\ud83d\ude00"'), with_src(rb'\ud83d\ude00'),
         event(r'"level":"info","msg":"m","ctx":{"\ud83d\ude00":1}'))
    case('valid/strings/lone-surrogates-in-data', event(r'"level":"info","msg":"\ud800"'), event(r'"level":"info","msg":"\udc00x\ud83d"'),
         event(r'"level":"info","msg":"\ude00\ud83d"'))


def numbers():
    case('valid/numbers/limits', *[value(v) for v in ('-0', '-0.0', '0e0', '1e400', '-1e400', '1e-400', '9223372036854775807', '9223372036854775808',
         '-9223372036854775809', '18446744073709551616', '1' + '0' * 400, '0.' + '0' * 400 + '1', '1e+05', '1E-5', '5e999999999')])
    case('valid/numbers/long', value('1' * 5000), value('0.' + '3' * 5000))


def lines():
    case('valid/lines/crlf', EVENT, message('heartbeat', ''), end=b'\r\n')
    case('valid/lines/empty', [b''], EVENT, [b''], [b'   '], [b'\t\r'], [b'\r'], EVENT, [b''])
    case('valid/lines/nothing')
    case('valid/lines/only-empty', [b''], [b' '], [b'\r'])
    case('valid/lines/partial-last', EVENT, tail=b'{"v":1,"src":"queue-ser')
    case('valid/lines/partial-last-complete-object', EVENT, tail=EVENT.encode())
    case('valid/lines/partial-only', tail=EVENT.encode())
    case('valid/lines/exactly-at-limit', padded(LIMIT))
    case('valid/lines/exactly-at-limit-with-spaces', padded(LIMIT - 10) + ' ' * 10)
    case('valid/lines/depth-64', nested(64), nested(64, '{"d":', '}').replace('{"d":}', '{}'))


def duplicates():
    case('valid/duplicates/in-data', event('"level":"info","msg":"a","msg":"b","ctx":{"k":1,"k":2}'),
         event('"level":"nonsense","level":"fatal","msg":"the last one counts"'))
    case('invalid/duplicates/envelope', *[('duplicate_field', message('event', '{"level":"info","msg":"m"}', ',"%s":%s' % f)) for f in
         (('v', '1'), ('src', '"queue-service"'), ('ts', '1'), ('type', '"event"'), ('data', '{"level":"info","msg":"m"}'), ('\\u0073rc', '"x"'))])
    case('invalid/duplicates/ids', *[('duplicate_field', event(extra=',"%s":"a","%s":null' % (f, f))) for f in ('tid', 'sid', 'pid')])
    case('invalid/duplicates/last-in-data-counts', ('invalid_data', event('"level":"fatal","level":"nonsense","msg":"m"')))


def syntax():
    case('invalid/syntax/not-object', *[('not_object', x) for x in ('[]', '[' + EVENT + ']', '"text"', '1', 'true', 'null', 'hello', '}', ',' + EVENT)])
    case('invalid/syntax/byte-order-mark', ('not_object', b'\xef\xbb\xbf' + EVENT.encode()), EVENT)
    case('invalid/syntax/malformed', *[('malformed', x) for x in (
        '{', '{"v"', '{"v":', '{"v":1', '{"v":1,', '{"v":1,}', "{'v':1}", '{v:1}', '{"v" 1}', '{"v":1 "src":"s"}', '{,"v":1}', '{"v":1,,"src":"s"}',
        '{"a":[1,]}', '{"a":[1 2]}', '{"a":[}', '{"a":tru}', '{"a":True}', '{"a":nul}', '{"a":undefined}', '{"a":"x}', '{"a":"\\x"}', '{"a":"\\u12g4"}',
        '{"a":"\\u12"}', '{"a":1]', '{"a":/*c*/1}', '{"a":1}'[:-1] + '//', '{"a":"\t"}', '{"a":"\x01"}', '{"a\x01":1}', '{"a":1\x0c}', '{1:2}', '{null:1}')])
    case('invalid/syntax/raw-nul', ('malformed', b'{"v":1,"src":"a\x00b","ts":1,"type":"heartbeat"}'), ('malformed', b'{"v":1\x00}'))
    case('invalid/syntax/numbers', *[('malformed', value(v)) for v in ('01', '-01', '00', '+1', '.5', '1.', '1.e5', '1e', '1e+', '-', '--1', '0x10', '1_000',
         'NaN', '-NaN', 'Infinity', '-Infinity', 'INF', '1f', '1 2')])
    case('invalid/syntax/two-objects', ('trailing_data', EVENT + EVENT), EVENT, ('trailing_data', EVENT + ' ' + EVENT), ('trailing_data', EVENT + ',' + EVENT))
    case('invalid/syntax/trailing', *[('trailing_data', EVENT + x) for x in ('}', ',', 'x', ' null', '[]', '\x00', '#', '"')])
    half = len('{' + HEAD + ',"type":"event",')
    case('invalid/syntax/object-over-two-lines', ('malformed', EVENT[:half]), ('not_object', EVENT[half:]), EVENT)
    case('invalid/syntax/object-over-two-lines-that-nest', ('malformed', EVENT[:-1] + ',"more":'), EVENT, ('not_object', '}'), EVENT)
    case('invalid/syntax/string-over-two-lines', ('malformed', EVENT[:EVENT.index(' started')]), ('not_object', 'started"}}'), EVENT)
    case('invalid/syntax/array-over-lines', ('malformed', '{"a":['), EVENT, ('not_object', ','), EVENT, ('not_object', ']}'), EVENT)
    case('invalid/syntax/every-line-opens', *[('malformed', '{"a":')] * 100, EVENT)
    case('invalid/syntax/good-between-bad', EVENT, ('malformed', '{"v":1,"src":'), EVENT, ('not_object', 'garbage'), EVENT, ('malformed', EVENT[:-1]), EVENT)
    case('invalid/syntax/bad-carriage-return', ('malformed', '{"a":"\r"}'), ('trailing_data', EVENT + '\r' + EVENT))


def utf8():
    bad = {'overlong-2': b'\xc0\x80 \xc1\xbf', 'overlong-3': b'\xe0\x80\x80', 'overlong-3-high': b'\xe0\x9f\xbf', 'overlong-4': b'\xf0\x80\x80\x80',
           'overlong-4-high': b'\xf0\x8f\xbf\xbf', 'surrogate-low': b'\xed\xa0\x80', 'surrogate-high': b'\xed\xbf\xbf', 'surrogate-pair': b'\xed\xa0\xbd\xed\xb8\x80',
           'beyond-unicode': b'\xf4\x90\x80\x80', 'f5': b'\xf5\x80\x80\x80', 'fe': b'\xfe', 'ff': b'\xff', 'truncated-2': b'\xc3', 'truncated-3': b'\xe2\x82',
           'truncated-4': b'\xf0\x9f\x98', 'lone-continuation': b'\x80', 'latin-1': 'é'.encode('latin-1'), 'bad-continuation': b'\xe2\x28\xa1'}
    for name, raw in bad.items():
        place = EVENT.encode().split(b'Job')
        case('invalid/utf8/' + name, ('invalid_utf8', place[0] + raw + place[1]), EVENT)
    case('invalid/utf8/in-names', ('invalid_utf8', b'{"v":1,"\xc0\xaf":1}'), ('invalid_utf8', with_src(b'a\xff')))
    case('invalid/utf8/truncated-at-end-of-line', ('invalid_utf8', EVENT.encode() + b'\xf0\x9f\x98'), ('invalid_utf8', EVENT.encode() + b'\xc3'), EVENT)
    case('invalid/utf8/utf-16', ('invalid_utf8', b'\xff\xfe{\x00"\x00'), EVENT)


def limits():
    case('invalid/limits/one-over', ('too_long', padded(LIMIT + 1)), EVENT)
    case('invalid/limits/one-over-with-crlf', ('too_long', padded(LIMIT)), EVENT, end=b'\r\n')
    case('invalid/limits/one-over-spaces-only', ('too_long', ' ' * LIMIT), EVENT)
    case('invalid/limits/one-over-garbage', ('too_long', b'\xff' * LIMIT), EVENT)
    case('invalid/limits/depth-65', ('too_deep', nested(65)), ('too_deep', nested(65, '{"d":', '}').replace('{"d":}', '{}')), EVENT)
    case('invalid/limits/depth-30000', ('too_deep', '{"a":' + '[' * 30000), ('too_deep', '{"a":' * 10000), EVENT)
    case('invalid/limits/id-256', *[('invalid_field', event(extra=',"%s":"%s"' % (f, 'x' * 256))) for f in ('tid', 'sid', 'pid')])
    case('invalid/limits/source-256', ('invalid_field', with_src(b'x' * 256)), ('invalid_field', with_src('é'.encode() * 128)), ('invalid_field', with_src(b'x' * 60000)))


def fields():
    whole = {'v': '1', 'src': '"s"', 'ts': '1', 'type': '"event"', 'data': '{"level":"info","msg":"m"}'}
    case('invalid/fields/missing', *[('missing_field', '{' + ','.join('"%s":%s' % (k, v) for k, v in whole.items() if k != gone) + '}') for gone in whole],
         ('missing_field', '{}'))
    case('invalid/fields/missing-data', *[('missing_field', message(t, '')) for t in ('metric', 'progress', 'resource')],
         ('missing_field', message('span', '', SPAN_IDS)))
    case('invalid/fields/span-without-ids', *[('missing_field', message('span', '{"name":"n","start":1}', x)) for x in
         ('', ',"tid":"t"', ',"sid":"s"', ',"tid":null,"sid":"s"', ',"tid":"t","sid":""')])
    case('invalid/fields/version', *[('unknown_version', with_v(v)) for v in ('0', '2', '-1', '1.0', '1e0', '"1"', 'null', 'true', '[1]', '{}', '99999999999999999999', '11')])
    case('invalid/fields/type', *[('unknown_type', '{' + HEAD + ',"type":%s}' % t) for t in
         ('"log"', '"Event"', '""', '"events"', '" event"', 'null', '1', '["event"]', '{"type":"event"}')])
    case('invalid/fields/source', *[('invalid_field', with_src(s)) for s in (b'', rb'\u0000', rb'a\nb', b'\x7f', '\u0085'.encode(), rb'\ud800', rb'\ude00\ud83d', rb'a\ud83d')],
         *[('invalid_field', '{"v":1,"src":%s,"ts":1,"type":"heartbeat"}' % s) for s in ('null', '1', '{}', '["s"]', 'true')])
    case('invalid/fields/time', *[('invalid_field', with_ts(t)) for t in ('-1', '1.5', '1697821234567.0', '1e3', '"1697821234567"', 'null', 'true', '[]', '{}',
         '9223372036854775808', '-9223372036854775808', '10000000000000000000', '18446744073709551617', '99999999999999999999999', '9999999999999999999')])
    case('invalid/fields/ids', *[('invalid_field', event(extra=',"%s":%s' % (f, v))) for f in ('tid', 'sid', 'pid') for v in ('1', 'true', '{}', '[]', r'"\ud800"', r'"a\u0000"')])
    case('invalid/fields/precedence', ('malformed', '{"v":2,"type":"nonsense"'), ('unknown_version', '{"v":2,"type":"nonsense"}'), ('unknown_type', '{"v":1,"v":1,"type":"nonsense"}'),
         ('duplicate_field', '{"v":1,"v":1,"type":"event"}'), ('missing_field', '{"v":1,"ts":-1,"type":"event","data":{}}'),
         ('invalid_field', '{"v":1,"src":"s","ts":-1,"type":"event","data":{}}'), ('unexpected_control', '{"v":1,"v":1,"type":"ack"}'))


def data():
    def refused(kind, bodies, extra=''):
        return [('invalid_data', message(kind, b, extra)) for b in bodies]
    for kind in ('event', 'metric', 'progress', 'resource', 'span'):
        case('invalid/data/%s-not-object' % kind, *refused(kind, ('null', '"x"', '1', '[1]', 'true'), SPAN_IDS))
    case('invalid/data/heartbeat-not-object', *refused('heartbeat', ('"x"', '1', '[1]', 'true')), *refused('goodbye', ('"x"', '[{}]')))
    case('invalid/data/event', *refused('event', ('{}', '[]', '{"level":"info"}', '{"msg":"m"}', '{"level":"INFO","msg":"m"}', '{"level":"warning","msg":"m"}',
         '{"level":"","msg":"m"}', '{"level":1,"msg":"m"}', '{"level":null,"msg":"m"}', '{"level":"info","msg":null}', '{"level":"info","msg":1}', '{"level":"info","msg":["m"]}',
         '{"level":"info","msg":"m","ctx":"x"}', '{"level":"info","msg":"m","ctx":[1]}', '{"level":"info","level":null,"msg":"m"}')))
    case('invalid/data/metric', *refused('metric', ('{}', '{"name":"n"}', '{"value":1}', '{"name":"","value":1}', '{"name":1,"value":1}', '{"name":"n","value":"1"}',
         '{"name":"n","value":null}', '{"name":"n","value":true}', '{"name":"n","value":[1]}', '{"name":"n","value":1,"unit":1}', '{"name":"n","value":1,"tags":"t"}', '{"name":"n","value":1,"tags":["t"]}')))
    case('invalid/data/progress', *refused('progress', ('{}', '{"job_id":"j"}', '{"percent":1}', '{"job_id":"","percent":1}', '{"job_id":null,"percent":1}', '{"job_id":1.5,"percent":1}',
         '{"job_id":"j","percent":101}', '{"job_id":"j","percent":-1}', '{"job_id":"j","percent":100.1}', '{"job_id":"j","percent":-0.1}', '{"job_id":"j","percent":1e400}',
         '{"job_id":"j","percent":1000}', '{"job_id":"j","percent":99999999999999999999}', '{"job_id":"j","percent":"50"}', '{"job_id":"j","percent":null}', '{"job_id":"j","percent":1,"status":1}')))
    case('invalid/data/resource', *refused('resource', tuple('{"%s":%s}' % (f, v) for f in ('cpu', 'mem', 'disk', 'net') for v in ('"1"', 'true', '{}', '[]'))))
    case('invalid/data/span', *refused('span', ('{}', '{"name":"n"}', '{"start":1}', '{"name":null,"start":1}', '{"name":"n","start":null}', '{"name":"n","start":"1"}',
         '{"name":"n","start":1,"end":"2"}', '{"name":"n","start":1,"end":{}}', '{"name":"n","start":1,"status":1}', '{"name":"n","start":1,"tags":"t"}'), SPAN_IDS))


def control():
    case('valid/control/hello', hello('{"client":"%s","next":1,"sdk":"perl/1.0.0","token":"s3cret"}' % CLIENT), hello(client()),
         hello(client(',"sdk":null,"token":null')), hello(client(next_='9223372036854775807')), hello(client(',"new":{"a":[1]}')),
         hello(client(',"compress":["zlib"]')), hello(client(',"compress":["a-method-of-tomorrow","zlib","zlib"]')), hello(client(',"compress":[]')), hello(client(',"compress":null')),
         hello('{"client":"%s","next":7}' % CLIENT.upper()))
    case('valid/control/hello-and-messages', hello(client()), EVENT, message('heartbeat', ''), message('goodbye', ''))
    case('invalid/control/hello', *[('invalid_hello', hello(d)) for d in ('null', '[1]', '"x"', '{}', '[]', '{"next":1}', '{"client":"%s"}' % CLIENT, client(next_='0'), client(next_='-1'),
         client(next_='1.0'), client(next_='"1"'), client(next_='9223372036854775808'), client(next_='null'), '{"client":"x","next":1}', '{"client":"%s","next":1}' % CLIENT.replace('-', ''),
         '{"client":"{%s}","next":1}' % CLIENT, '{"client":1,"next":1}', client(',"sdk":1'), client(',"sdk":"%s"' % ('x' * 256)), client(',"token":1'), client(',"token":"%s"' % ('x' * 4097)),
         client(',"compress":"zlib"'), client(',"compress":[1]'), client(',"compress":[["zlib"]]'), client(',"compress":[%s]' % ','.join(['"x"'] * 17)))],
         ('invalid_hello', '{' + HEAD + ',"type":"hello"}'), ('invalid_hello', hello(client(), head='"v":2,"src":"s","ts":1')), ('invalid_hello', hello(client(), head='"v":1,"ts":1')),
         ('invalid_hello', hello(client(), head='"v":1,"src":"","ts":1')), ('invalid_hello', hello(client(), head='"v":1,"src":"s","ts":"now"')),
         ('invalid_hello', hello(client(), head='"v":1,"v":1,"src":"s","ts":1')))
    case('invalid/control/from-a-client', *[('unexpected_control', hello('{"seq":1}', k)) for k in ('welcome', 'ack', 'error')], ('unexpected_control', '{"v":1,"type":"ack","data":{"seq":1}}'))


def replies():
    """What a hub sends and an SDK has to read: other lines, other expectations."""
    def reply(where, *pairs, tail=b''):
        raw = ''.join(line + '\n' for line, _ in pairs).encode() + tail
        CASES.append(('replies/' + where, raw, {'replies': [e for _, e in pairs], 'partial_bytes': str(len(tail))}))
    ignored = {'ignored': ''}
    reply('welcome', ('{"v":1,"type":"welcome","data":{"acked":0,"hub":"monitoring-hub/0.1.0","max_message":65536}}',
                      {'welcome': {'acked': '0', 'hub': 'monitoring-hub/0.1.0', 'max_message': '65536'}}))
    reply('welcome-with-compression', ('{"v":1,"type":"welcome","data":{"acked":41,"hub":"monitoring-hub/0.1.0","max_message":65536,"compress":"zlib"}}',
                                       {'welcome': {'acked': '41', 'hub': 'monitoring-hub/0.1.0', 'max_message': '65536', 'compress': 'zlib'}}))
    reply('ack', *[('{"v":1,"type":"ack","data":{"seq":%s}}' % n, {'ack': {'seq': n}}) for n in ('1', '1000', '9223372036854775807')])
    reply('error', ('{"v":1,"type":"error","data":{"seq":7,"code":"invalid_data","reason":"\'level\' must be one of \\"debug\\", \\u00e9"}}',
                    {'error': {'seq': '7', 'code': 'invalid_data', 'reason': '\'level\' must be one of "debug", é'}}),
          ('{"v":1,"type":"error","data":{"seq":0,"code":"fenced","reason":"a newer session took over"}}',
           {'error': {'seq': '0', 'code': 'fenced', 'reason': 'a newer session took over'}}),
          ('{"v":1,"type":"error","data":{"seq":8,"code":"a_code_of_tomorrow","reason":""}}', {'error': {'seq': '8', 'code': 'a_code_of_tomorrow', 'reason': ''}}))
    reply('order-and-unknown-fields', ('{"data":{"more":[1],"seq":5},"new":{},"type":"ack","v":1}', {'ack': {'seq': '5'}}),
          (' { "v" : 1 , "type" : "ack" , "data" : { "seq" : 6 } } \r', {'ack': {'seq': '6'}}))
    reply('unknown-types-are-ignored', ('{"v":1,"type":"advice","data":{}}', ignored), ('{"v":1,"type":"ack","data":{"seq":2}}', {'ack': {'seq': '2'}}))
    reply('partial-last', ('{"v":1,"type":"ack","data":{"seq":2}}', {'ack': {'seq': '2'}}), tail=b'{"v":1,"type":"ack","data":{"seq":2')


def main():
    for group in (types, envelope, strings, numbers, lines, duplicates, syntax, utf8, limits, fields, data, control, replies):
        group()
    for folder in ('valid', 'invalid', 'replies'):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    for where, raw, expected in CASES:
        path = HERE / (where + '.ldjson')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        rows = ',\n'.join('    ' + json.dumps(e) for e in next(iter(expected.values())))
        key = next(iter(expected))
        listed = '[\n' + rows + '\n  ]' if rows else '[]'
        (HERE / (where + '.json')).write_text('{\n  "%s": %s,\n  "partial_bytes": "%s"\n}\n' % (key, listed, expected['partial_bytes']), encoding='ascii')
    (HERE / 'INDEX').write_text(''.join(sorted(where + '\n' for where, _, _ in CASES)), encoding='ascii')


if __name__ == '__main__':
    main()
