"""Reads a trace of Perfetto from standard input with the classes of the package `perfetto`, and checks what its importer needs."""
import collections
import sys

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb


def unknown(message):
    """Names of messages with fields that the schema does not have."""
    from google.protobuf.unknown_fields import UnknownFieldSet
    found = [message.DESCRIPTOR.name] if len(UnknownFieldSet(message)) else []
    for field, value in message.ListFields():
        if field.message_type:
            for part in value if field.is_repeated else [value]:
                found += unknown(part)
    return found


def main():
    trace = pb.Trace()
    trace.ParseFromString(sys.stdin.buffer.read())
    assert unknown(trace) == [], unknown(trace)
    tracks, stacks, flows = {}, collections.defaultdict(list), collections.defaultdict(list)
    last, kinds = -1, collections.Counter()
    for packet in trace.packet:
        assert packet.trusted_packet_sequence_id > 0
        if packet.HasField("track_descriptor"):
            track = packet.track_descriptor
            assert track.uuid and track.uuid not in tracks
            assert not track.HasField("parent_uuid") or track.parent_uuid in tracks
            tracks[track.uuid] = track
            continue
        event = packet.track_event
        assert event.track_uuid in tracks and last <= packet.timestamp < 2**63
        last = packet.timestamp
        kinds[pb.TrackEvent.Type.Name(event.type)] += 1
        if event.type == pb.TrackEvent.TYPE_SLICE_BEGIN:
            stacks[event.track_uuid].append(packet.timestamp)
        elif event.type == pb.TrackEvent.TYPE_SLICE_END:
            assert packet.timestamp > stacks[event.track_uuid].pop()
        for flow in event.flow_ids:
            flows[flow].append("from")
        for flow in event.terminating_flow_ids:
            flows[flow].append("to")
    assert not any(stacks.values())
    assert all(ends == ["from", "to"] for ends in flows.values()), flows
    print(f"{len(tracks)} tracks, {dict(kinds)}, {len(flows)} flows")


main()
