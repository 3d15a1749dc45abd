using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Tests.Protocols.Flow;

/// <summary>Keeps what an exporter's datagrams hold: records, their JSON, templates, problems.</summary>
public sealed class FlowKeeper : IFlowSink
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private FlowKeeper _self;

    public FlowKeeper(FlowLimits? limits = null)
    {
        Exporter = new FlowExporter(limits);
        _self = this;
    }

    public FlowExporter Exporter { get; set; }

    public List<FlowRecord> Flows { get; } = [];

    /// <summary>JSON of flows, options and counters, in order.</summary>
    public List<JsonObject> Objects { get; } = [];

    /// <summary>JSON of flows only.</summary>
    public List<JsonObject> FlowObjects { get; } = [];

    public List<JsonObject> Options { get; } = [];

    public List<SflowInterfaceCounters> Counters { get; } = [];

    public List<TemplateEvent> Templates { get; } = [];

    public List<FlowProblem> Problems { get; } = [];

    public FlowDecodeResult Decode(byte[] datagram) => Exporter.Decode(datagram, 1_700_000_000_000, ref _self);

    /// <summary>The UDP payloads of a capture, in order; the exporter is whoever sent it.</summary>
    public static IEnumerable<(FlowRecord From, byte[] Payload)> Datagrams(string path)
    {
        using FileStream file = File.OpenRead(path);
        var reader = new PcapReader(file);
        var all = new List<(FlowRecord, byte[])>();
        while (reader.Read(out PcapPacket packet) == PcapStatus.Packet)
        {
            if (PacketReader.TryReadTransport(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out FlowRecord from, out _, out ReadOnlySpan<byte> payload) && from.Protocol == 17)
            {
                all.Add((from, payload.ToArray()));
            }
        }

        return all;
    }

    public void DecodeCapture(string path)
    {
        foreach ((_, byte[] payload) in Datagrams(path))
        {
            Decode(payload);
        }
    }

    public string ToText()
    {
        var text = new StringBuilder();
        foreach (JsonObject one in Objects)
        {
            text.Append(one.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })).Append('\n');
        }

        foreach (FlowProblem problem in Problems)
        {
            text.Append(problem).Append('\n');
        }

        return text.ToString();
    }

    public void OnFlow(in FlowRecord record, in RawRecord raw)
    {
        Flows.Add(record);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Relaxed))
        {
            FlowJson.WriteFlow(json, in record, in raw, default);
        }

        FlowObjects.Add(Add(stream));
    }

    public void OnOptions(in RawRecord raw)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Relaxed))
        {
            FlowJson.WriteOptions(json, in raw, default);
        }

        Options.Add(Add(stream));
    }

    public void OnCounters(in SflowCounterSample sample)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Relaxed))
        {
            FlowJson.WriteCounters(json, in sample);
        }

        Add(stream);
        foreach (SflowCounterRecord record in sample)
        {
            if (record.TryReadInterface(out SflowInterfaceCounters counters))
            {
                Counters.Add(counters);
            }
        }
    }

    public void OnTemplate(in TemplateEvent change) => Templates.Add(change);

    public void OnProblem(in FlowProblem problem) => Problems.Add(problem);

    private JsonObject Add(MemoryStream stream)
    {
        JsonObject one = JsonNode.Parse(stream.ToArray())!.AsObject();
        Objects.Add(one);
        return one;
    }
}
