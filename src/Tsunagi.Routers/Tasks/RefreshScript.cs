using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Protocols.Cpe.DataModel;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Tasks;

/// <summary>Reads what the helpdesk looks at: (1) which hosts there are now, (2) the values of everything it shows. Writes nothing.</summary>
internal sealed class RefreshScript : TaskScript
{
    private static readonly string[] Groups = ["device.", "acs.", "wan.", "dsl.", "optical.", "wifi.", "host."];

    private readonly DeviceTree _known;
    private readonly ValueReading _values;
    private readonly Queue<string> _objects = new();
    private readonly List<string> _replaced = [];

    public RefreshScript(DeviceTree known, int atOnce, long now)
    {
        _known = known;
        _values = new ValueReading(atOnce, now);
        var hosts = known.Root switch
        {
            DataModelRoot.Tr098 => known.Entries.Select(static e => e.Path).Where(static path => path.Contains(".Hosts.", StringComparison.Ordinal))
                .Select(static path => path[..(path.IndexOf(".Hosts.", StringComparison.Ordinal) + 7)]).Distinct(StringComparer.Ordinal),
            DataModelRoot.Tr181 => ["Device.Hosts."],
            _ => [],
        };
        foreach (var path in hosts)
        {
            _objects.Enqueue(path);
        }

        _values.Add(ParameterNames.All.Where(static name => Groups.Any(group => name.Name.StartsWith(group, StringComparison.Ordinal)) && !name.Name.StartsWith("host.", StringComparison.Ordinal))
            .SelectMany(name => known.Named(name.Name)).Select(static entry => new ParameterInfo(entry.Path, entry.Writable)));
    }

    public override CwmpMessage? Next()
    {
        if (End is not null)
        {
            return null;
        }

        // (1)
        if (_objects.TryPeek(out var path))
        {
            return new GetParameterNames(path, NextLevel: false);
        }

        // (2)
        if (_values.Next() is { } next)
        {
            return next;
        }

        End = _values.Read.Count == 0
            ? new TaskEnd(false, _values.Refused.FirstOrDefault().Code, "the router gave none of the values that were asked for")
            : new TaskEnd(true, Result: new { values = _values.Read.Count }) { Tree = _known.With(_values.Read, _replaced) };
        return null;
    }

    public override void Take(CwmpMessage answer)
    {
        if (_objects.TryPeek(out var path))
        {
            _objects.Dequeue();
            if (answer is GetParameterNamesResponse names)
            {
                _replaced.Add(path);
                _values.Add(names.Parameters);
            }

            return;
        }

        _values.Take(answer);
    }
}
