using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Ddos.Verbs;

/// <summary>Prints records as they are read: one line each for people, or one array of objects by the names of IANA's elements.</summary>
internal sealed class RecordPrinter(TextWriter output, TextWriter errors, bool json, long limit) : IFlowSink, IDisposable
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(1_024);
    private readonly Utf8JsonWriter _writer = new(Stream.Null, Relaxed);

    public long Records { get; private set; }

    public long Problems { get; private set; }

    /// <summary>Where the datagram that is read now came from.</summary>
    public FlowAddress Exporter { get; set; }

    /// <summary>The file and the datagram, for problems.</summary>
    public string At { get; set; } = "";

    public bool IsFull => Records >= limit;

    public void Begin()
    {
        if (json)
        {
            output.Write('[');
        }
    }

    public void End()
    {
        if (json)
        {
            output.WriteLine(Records == 0 ? "]" : "\n]");
        }
    }

    public void OnFlow(in FlowRecord record, in RawRecord raw)
    {
        if (IsFull)
        {
            return;
        }

        if (json)
        {
            Restart();
            FlowJson.WriteFlow(_writer, in record, in raw, Exporter);
            Emit();
            return;
        }

        Records++;
        output.WriteLine(Line(in record));
    }

    public void OnOptions(in RawRecord raw)
    {
        if (IsFull)
        {
            return;
        }

        Restart();
        FlowJson.WriteOptions(_writer, in raw, Exporter);
        Emit("options  ");
    }

    public void OnCounters(in SflowCounterSample sample)
    {
        if (IsFull)
        {
            return;
        }

        Restart();
        FlowJson.WriteCounters(_writer, in sample);
        Emit("counters ");
    }

    public void OnTemplate(in TemplateEvent change)
    {
        // Templates show in the records they describe.
    }

    public void OnProblem(in FlowProblem problem)
    {
        Problems++;
        errors.WriteLine($"{At}: {problem}");
    }

    public void Dispose() => _writer.Dispose();

    private static string Line(in FlowRecord record)
    {
        var text = new StringBuilder(160);
        text.Append(CultureInfo.InvariantCulture, $"{Name(record.Origin),-8} {Point(record.Source, record.SourcePort)} > {Point(record.Destination, record.DestinationPort)}");
        text.Append(CultureInfo.InvariantCulture, $" proto {record.Protocol} packets {record.Packets} octets {record.Octets} sampled 1:{record.SamplingRate} ({record.SamplingSource.ToString().ToLowerInvariant()})");
        return text.ToString();
    }

    private static string Point(FlowAddress address, ushort port) => address.IsIPv4 || port == 0 ? $"{address}:{port}" : $"[{address}]:{port}";

    private static string Name(FlowOrigin origin) => origin switch
    {
        FlowOrigin.NetFlow5 => "netflow5", FlowOrigin.NetFlow9 => "netflow9", FlowOrigin.Ipfix => "ipfix", FlowOrigin.Sflow => "sflow", _ => "packet",
    };

    private void Restart()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
    }

    private void Emit(string head = "")
    {
        _writer.Flush();
        var text = Encoding.UTF8.GetString(_buffer.WrittenSpan);
        if (json)
        {
            output.Write(Records == 0 ? "\n" : ",\n");
            output.Write(text);
        }
        else
        {
            output.WriteLine(head + text);
        }

        Records++;
    }
}
