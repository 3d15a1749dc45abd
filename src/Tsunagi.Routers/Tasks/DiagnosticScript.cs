using System.Globalization;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Protocols.Cpe.DataModel;

namespace Tsunagi.Routers.Tasks;

/// <summary>
/// Ping or traceroute from the router: (1) the test is set and asked for, once, (2) in the session in which the router says that it is over, its figures are read.
/// Only the parameters of the test itself are written.
/// </summary>
internal sealed class DiagnosticScript : TaskScript
{
    private readonly bool _trace;
    private readonly bool _read;
    private readonly DataModelRoot _root;
    private readonly string _host;
    private readonly ValueReading _values;
    private bool _asked;
    private bool _named;

    /// <param name="read">The test is over: read what came out.</param>
    public DiagnosticScript(bool trace, bool read, DataModelRoot root, string host, long now)
    {
        (_trace, _read, _root, _host) = (trace, read, root, host);
        _values = new ValueReading(32, now);
        End = root == DataModelRoot.Unknown ? new TaskEnd(false, 0, "the data model of the router is not known yet: read it first") : null;
        _named = !trace;
        if (read && !trace)
        {
            _values.Add(((string[])["ping.state", "ping.received", "ping.lost", "ping.average", "ping.least", "ping.most"]).Select(name => new ParameterInfo(Path(name), false)));
        }
    }

    public override bool HasEffect => !_read;

    private string Object => _root == DataModelRoot.Tr098 ? "InternetGatewayDevice.TraceRouteDiagnostics." : "Device.IP.Diagnostics.TraceRoute.";

    public override CwmpMessage? Next()
    {
        if (End is not null)
        {
            return null;
        }

        if (!_read)
        {
            return _asked ? null : Ask();
        }

        if (!_named)
        {
            return new GetParameterNames(Object, NextLevel: false);
        }

        if (_values.Next() is { } next)
        {
            return next;
        }

        End = Outcome();
        return null;
    }

    public override void Take(CwmpMessage answer)
    {
        if (!_read)
        {
            End = answer is CwmpFault fault ? TaskEnd.Of(fault) : null;
        }
        else if (!_named)
        {
            _named = true;
            _values.Add(answer is GetParameterNamesResponse names ? names.Parameters : [new ParameterInfo(Path("trace.state"), false), new ParameterInfo(Path("trace.time"), false)]);
        }
        else
        {
            _values.Take(answer);
        }
    }

    // (1) What the router is to do comes before that it is to do it.
    private SetParameterValues Ask()
    {
        _asked = true;
        return _trace
            ? new SetParameterValues(
                [
                    new(Path("trace.host"), _host), new(Path("trace.tries"), "3", "unsignedInt"), new(Path("trace.timeout"), "3000", "unsignedInt"), new(Path("trace.hops-most"), "20", "unsignedInt"),
                    new(Path("trace.state"), "Requested"),
                ], "")
            : new SetParameterValues(
                [
                    new(Path("ping.host"), _host), new(Path("ping.count"), "4", "unsignedInt"), new(Path("ping.timeout"), "3000", "unsignedInt"), new(Path("ping.size"), "56", "unsignedInt"),
                    new(Path("ping.state"), "Requested"),
                ], "");
    }

    private string Path(string name) => ParameterNames.Patterns(_root, name)[0];

    // (2)
    private TaskEnd Outcome()
    {
        string Value(string name) => _values.Read.FirstOrDefault(entry => ParameterNames.Patterns(_root, name).Any(pattern => ParameterNames.Matches(pattern, entry.Path)))?.Value ?? "";
        var state = Value(_trace ? "trace.state" : "ping.state");
        if (!state.StartsWith("Complete", StringComparison.OrdinalIgnoreCase))
        {
            return new TaskEnd(false, 0, state.Length == 0 ? "the router gave no figures of the test" : $"the router ended the test with {(state.Length > 100 ? state[..100] : state)}");
        }

        return _trace
            ? new TaskEnd(true, Result: new { host = _host, milliseconds = Value("trace.time"), hops = Hops() })
            : new TaskEnd(true, Result: new { host = _host, received = Value("ping.received"), lost = Value("ping.lost"), average = Value("ping.average"), least = Value("ping.least"), most = Value("ping.most") });
    }

    private List<object> Hops()
    {
        var hops = new SortedDictionary<int, Dictionary<string, string>>();
        foreach (var entry in _values.Read)
        {
            var at = entry.Path.IndexOf("RouteHops.", StringComparison.Ordinal);
            var parts = at < 0 ? [] : entry.Path[(at + 10)..].Split('.');
            if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                (hops.TryGetValue(number, out var hop) ? hop : hops[number] = [])[parts[1].Replace("Hop", "", StringComparison.Ordinal)] = entry.Value;
            }
        }

        return [.. hops.Select(static hop => (object)new { hop = hop.Key, host = hop.Value.GetValueOrDefault("Host", ""), address = hop.Value.GetValueOrDefault("HostAddress", ""), times = hop.Value.GetValueOrDefault("RTTimes", "") })];
    }
}
