using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Ddos.Api;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi flows …: what routers tell, read in place, without an installation; and what a node has kept of it.</summary>
internal static class FlowVerbs
{
    private const int MostExporters = 256;
    private const int MostDestinations = 65_536;
    private const int LongestDatagram = 65_535;

    public static readonly IReadOnlyList<Verb> All =
    [
        new("flows decode", "Decode NetFlow v5/v9, IPFIX and sFlow from captures or raw datagrams, in the order given", [
            new("FILE", "pcap, pcapng, or a file that is one datagram; templates of one serve the next", Required: true, Many: true),
            new("--limit", "stop after so many records", Value: VerbValue.Whole, Least: 1),
        ], DecodeAsync),
        new("flows listen", "Receive flow datagrams and show who gets how much, until interrupted", [
            new("ADDRESS", "where to listen, address:port; \":2055\" is every address", Required: true),
            new("--top", "rows (10)", Value: VerbValue.Whole, Least: 1, Most: 1_000),
            new("--every", "seconds between two tables (2)", Value: VerbValue.Whole, Least: 1, Most: 3_600),
            new("--seconds", "end after so many seconds; with --json one document is printed then", Value: VerbValue.Whole, Least: 1, Most: 86_400),
        ], ListenAsync),
        ApiVerb.Show("flows top", "Who has most of the flow records kept on the node that answers", "/api/v1/ddos/flows/top", [
            new("--by", "what traffic is put together by (dst)", Allowed: [.. FlowTop.Dimensions.Keys]),
            new("--last", "how far back: 90s, 10m, 6h, 2d (10m)"),
            new("--order", "most of what (octets)", Allowed: [.. FlowTop.Orders.Keys]),
            new("--top", "how many (10)", Value: VerbValue.Whole, Least: 1, Most: 1_000),
            new("--where", "only records of which all of this holds: " + Archive.FlowFilter.Words),
            new("--level", "from records, or from sums (the finest that reaches so far back)", Allowed: [.. FlowTop.Levels.Keys]),
        ]),
    ];

    private static async Task<int> DecodeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var limit = context["--limit"] is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : long.MaxValue;
        using var printer = new RecordPrinter(context.Out, context.Error, context.Json, limit);
        var exporters = new Dictionary<FlowAddress, FlowExporter>();
        var (datagrams, broken) = (0L, false);
        printer.Begin();
        foreach (var file in context.Values("FILE"))
        {
            var number = 0;
            var why = DatagramFiles.Read(context, file, (from, milliseconds, datagram) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!exporters.TryGetValue(from, out var exporter))
                {
                    exporters[from] = exporter = new FlowExporter();
                }

                number++;
                printer.At = $"{file}, datagram {number}";
                printer.Exporter = from;
                var sink = printer;
                datagrams += exporter.Decode(datagram, milliseconds, ref sink).Origin == FlowOrigin.None ? 0 : 1;
            });
            if (why is not null)
            {
                broken = true;
                await context.Error.WriteLineAsync(why);
            }
        }

        printer.End();
        context.Say($"{datagrams} datagrams, {printer.Records} records, {printer.Problems} problems", printer.Problems > 0 || broken ? VerbTone.Warning : VerbTone.Muted);
        return datagrams == 0 || broken ? 1 : 0;
    }

    /// <summary>
    /// (1) A socket with a large buffer is bound. (2) Datagrams are decoded by the state of their exporter. (3) Every few seconds the destinations that got
    /// most are shown, with what was lost on the way.
    /// </summary>
    private static async Task<int> ListenAsync(VerbContext context, CancellationToken cancellationToken)
    {
        // (1)
        var (top, every) = (Number(context, "--top", 10), TimeSpan.FromSeconds(Number(context, "--every", 2)));
        using var socket = Bind(context["ADDRESS"]!);
        context.Say($"listening on {socket.LocalEndPoint}");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (context["--seconds"] is not null)
        {
            over.CancelAfter(TimeSpan.FromSeconds(Number(context, "--seconds", 1)));
        }

        var time = TimeProvider.System;
        var table = new TalkerTable(MostDestinations);
        var exporters = new Dictionary<FlowAddress, FlowExporter>();
        var buffer = new byte[LongestDatagram];
        var (shown, datagrams, refused) = (time.GetTimestamp(), 0L, 0L);
        IPEndPoint any = socket.AddressFamily == AddressFamily.InterNetwork ? new(IPAddress.Any, 0) : new(IPAddress.IPv6Any, 0);
        while (!over.IsCancellationRequested)
        {
            try
            {
                // (2)
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
                pause.CancelAfter(every);
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, pause.Token);
                datagrams++;
                if (ExporterOf(exporters, (IPEndPoint)received.RemoteEndPoint) is { } exporter)
                {
                    exporter.Decode(buffer.AsSpan(0, received.ReceivedBytes), time.GetUtcNow().ToUnixTimeMilliseconds(), ref table);
                }
                else
                {
                    refused++;
                }
            }
            catch (OperationCanceledException)
            {
                // Nothing came for a while, or it is over.
            }

            // (3)
            var elapsed = time.GetElapsedTime(shown);
            if (!context.Json && !over.IsCancellationRequested && elapsed >= every)
            {
                Show(context, table, exporters, top, elapsed.TotalSeconds, refused);
                table.Clear();
                shown = time.GetTimestamp();
            }
        }

        if (context.Json)
        {
            Show(context, table, exporters, top, time.GetElapsedTime(shown).TotalSeconds, refused);
        }

        context.Say($"{datagrams} datagrams of {exporters.Count} exporters", VerbTone.Muted);
        return 0;
    }

    private static FlowExporter? ExporterOf(Dictionary<FlowAddress, FlowExporter> exporters, IPEndPoint from)
    {
        var address = FlowAddress.From(from.Address.IsIPv4MappedToIPv6 ? from.Address.MapToIPv4() : from.Address);
        if (!exporters.TryGetValue(address, out var exporter) && exporters.Count < MostExporters)
        {
            exporters[address] = exporter = new FlowExporter();
        }

        return exporter;
    }

    private static void Show(VerbContext context, TalkerTable table, Dictionary<FlowAddress, FlowExporter> exporters, int top, double seconds, long refused)
    {
        var rows = table.Top(top);
        var lost = exporters.Values.SelectMany(static e => e.Domains).Aggregate(0UL, static (sum, domain) => sum + domain.Sequence.Lost);
        string Rate(double value) => (value / seconds).ToString("#,0", CultureInfo.InvariantCulture);
        JsonNode? json = !context.Json ? null : new JsonObject
        {
            ["seconds"] = Math.Round(seconds, 3), ["flows"] = table.Flows, ["lost"] = lost, ["problems"] = table.Problems, ["refusedDatagrams"] = refused,
            ["destinations"] = new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject
            {
                ["address"] = row.Key.ToString(), ["packetsPerSecond"] = row.Value.Packets / seconds, ["bitsPerSecond"] = row.Value.Octets * 8 / seconds,
                ["records"] = row.Value.Records, ["samplingRate"] = row.Value.Rate,
            })]),
        };
        context.Print(
            ["destination", "packets/s", "bits/s", "records/s", "sampled"],
            rows.Select(row => (IReadOnlyList<string>)[row.Key.ToString(), Rate(row.Value.Packets), Rate(row.Value.Octets * 8.0), Rate(row.Value.Records), $"1:{row.Value.Rate}"]),
            json);
        context.Say($"{Rate(table.Flows)} records/s, {lost} lost by sequence numbers, {table.Problems} problems {table.LastProblem}", table.Problems > 0 || lost > 0 ? VerbTone.Warning : VerbTone.Muted);
        if (table.UnknownSampling > 0)
        {
            context.Say($"{table.UnknownSampling} records do not say how they were sampled: their figures may be too small", VerbTone.Warning);
        }
    }

    private static Socket Bind(string text)
    {
        if (!IPEndPoint.TryParse(text.StartsWith(':') ? "[::]" + text : text, out var address))
        {
            throw new WrongInputException($"ADDRESS: \"{text}\" is no address and port (:2055, 192.0.2.1:2055)");
        }

        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 * 1024 * 1024 };
        try
        {
            socket.DualMode = address.AddressFamily == AddressFamily.InterNetworkV6;
        }
        catch (Exception e) when (e is NotSupportedException or SocketException)
        {
            // IPv4 has no such mode.
        }

        try
        {
            socket.Bind(address);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new WrongInputException($"listening on {text}: {e.Message}");
        }
    }

    private static int Number(VerbContext context, string option, int otherwise) => context[option] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
