"""Reads a trace of Perfetto from standard input with the classes of the package `perfetto`, and checks what its importer needs.

With the name of a file: that holds the same run as NDJSON, and each of its records is looked for in the picture.
"""
import collections
import json
import sys

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

EVENT = pb.TrackEvent


def unknown(message):
    """Names of messages with fields that the schema does not have."""
    from google.protobuf.unknown_fields import UnknownFieldSet
    found = [message.DESCRIPTOR.name] if len(UnknownFieldSet(message)) else []
    for field, value in message.ListFields():
        if field.message_type:
            for part in value if field.is_repeated else [value]:
                found += unknown(part)
    return found


def annotations(event):
    """The annotations of a track event, by name."""
    values = {}
    for one in event.debug_annotations:
        assert one.name and one.name not in values, event
        kind = one.WhichOneof("value")
        values[one.name] = one.dict_entries if kind is None else getattr(one, kind)
    return values


def check_track(track, tracks):
    """One process, whose threads each have a name and a number of their own."""
    assert track.uuid and track.uuid not in tracks
    if track.HasField("process"):
        assert not tracks and track.process.process_name
        return
    assert track.HasField("thread") and tracks[track.parent_uuid].process.pid == track.thread.pid
    others = [other.thread for other in tracks.values() if other.HasField("thread")]
    assert track.thread.thread_name and track.thread.tid != track.thread.pid
    for other in others:
        assert other.tid != track.thread.tid and other.thread_name < track.thread.thread_name


def draw(trace):
    """Does what an importer does: puts begins and ends together, and ends of flows. Returns tracks and what was drawn."""
    tracks, drawn, stacks, last = {}, [], collections.defaultdict(list), -1
    for packet in trace.packet:
        assert packet.trusted_packet_sequence_id > 0
        if packet.HasField("track_descriptor"):
            assert not drawn, "tracks come before what is drawn on them"
            check_track(packet.track_descriptor, tracks)
            tracks[packet.track_descriptor.uuid] = packet.track_descriptor
            continue
        event = packet.track_event
        assert event.track_uuid in tracks and last <= packet.timestamp < 2**63
        last, stack = packet.timestamp, stacks[event.track_uuid]
        if event.type == EVENT.TYPE_SLICE_END:
            begun = stack.pop()
            assert packet.timestamp > begun["from"], "a slice has a width"
            begun["to"] = packet.timestamp
            continue
        assert event.type in (EVENT.TYPE_SLICE_BEGIN, EVENT.TYPE_INSTANT)
        assert event.name and list(event.categories) in (["event"], ["note"], ["change"])
        one = {"event": event, "from": packet.timestamp, "within": stack[-1] if stack else None, "said": annotations(event)}
        one["number"] = one["said"]["number"]
        drawn.append(one)
        if event.type == EVENT.TYPE_SLICE_BEGIN:
            assert not stack, "an event does not run within another"
            stack.append(one)
    assert not any(stacks.values()), "every slice ends"
    return tracks, drawn


def arrows(drawn):
    """The flows, from the number of a record to that of another; each has two ends, and leads forwards."""
    ends = collections.defaultdict(list)
    for one in drawn:
        for flow in one["event"].flow_ids:
            ends[flow].append(("from", one["number"]))
        for flow in one["event"].terminating_flow_ids:
            ends[flow].append(("to", one["number"]))
    flows = set()
    for (first, cause), (second, effect) in ends.values():
        assert (first, second) == ("from", "to") and cause < effect
        flows.add((cause, effect))
    assert len(flows) == len(ends)
    return flows


def compare(tracks, drawn, flows, records):
    """Each record is drawn, in its order, where and as it should be, and each cause has an arrow where it needs one."""
    assert len(drawn) == len(records) > 0
    numbers, wanted = {}, set()
    for record, one in zip(records, drawn):
        label = record["kind"] + (f"({record['subject']})" if record["subject"] else "")
        event, said, is_event = one["event"], one["said"], record["origin"] == "dispatched"
        assert one["number"] == record["number"] and said["at_ns"] == record["at"] <= one["from"]
        assert tracks[event.track_uuid].thread.thread_name == record["actor"]
        if is_event:
            numbers[said["event"]] = record["number"]
            assert said["event"] == f"{record['actor']}/{label}#{record['repeat']}"
            choice = record["choice"]
            assert said.get("tie") == (f"{choice['index'] + 1}/{choice['of']}" if choice else None)
        prefix = {"dispatched": "", "noted": ""}.get(record["origin"], record["origin"] + " ")
        assert event.name == prefix + label, (event.name, prefix + label)
        assert (event.type == EVENT.TYPE_SLICE_BEGIN) == is_event
        assert set(fact[0] for fact in record["facts"]) == set(part.name for part in said.get("facts", []))
        cause = numbers.get(record["cause"])
        is_within = one["within"] is not None
        assert not is_within or one["within"]["number"] == cause
        if cause and not is_within:
            wanted.add((cause, record["number"]))
        elif cause:
            assert one["from"] < one["within"]["to"], "a note is drawn within its event"
    assert flows == wanted, flows ^ wanted


def main():
    trace = pb.Trace()
    trace.ParseFromString(sys.stdin.buffer.read())
    assert unknown(trace) == [], unknown(trace)
    tracks, drawn = draw(trace)
    flows = arrows(drawn)
    said = f"{len(tracks)} tracks, {len(drawn)} records drawn, {len(flows)} flows"
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as lines:
            objects = [json.loads(line) for line in lines]
        compare(tracks, drawn, flows, [one for one in objects if one["type"] == "record"])
        said += "; all records of the run are there, and no others"
    print(said)


main()
