using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Tasks;

/// <summary>
/// Reads a router whole and writes nothing: (1) every name at once, or level by level where the router will not, (2) every value in pieces.
/// </summary>
internal sealed class AdoptScript : TaskScript
{
    private readonly Queue<string> _levels = new();
    private readonly List<ParameterInfo> _names = [];
    private readonly ValueReading _values;
    private readonly string _prefix;
    private readonly int _most;
    private bool _whole = true;
    private bool _named;
    private int _objects;

    /// <param name="prefix">"InternetGatewayDevice." or "Device."; empty for the root of both.</param>
    public AdoptScript(string prefix, int most, int atOnce, long now)
    {
        _prefix = prefix;
        _most = most;
        _values = new ValueReading(atOnce, now);
    }

    public override CwmpMessage? Next()
    {
        if (End is not null)
        {
            return null;
        }

        // (1)
        if (!_named)
        {
            if (_whole)
            {
                return new GetParameterNames(_prefix, NextLevel: false);
            }

            if (_levels.TryPeek(out var level))
            {
                return new GetParameterNames(level, NextLevel: true);
            }

            _named = true;
            _values.Add(_names);
        }

        // (2)
        if (_values.Next() is { } next)
        {
            return next;
        }

        var tree = new DeviceTree([.. _values.Read]);
        End = tree.Entries.Count == 0
            ? new TaskEnd(false, _values.Refused.FirstOrDefault().Code, "the router gave no value of any parameter")
            : new TaskEnd(true, Result: new { parameters = tree.Entries.Count, refused = _values.Refused.Select(static r => new { path = r.Path, code = r.Code }).Take(200) }) { Tree = tree };
        return null;
    }

    public override void Take(CwmpMessage answer)
    {
        if (_named)
        {
            _values.Take(answer);
            return;
        }

        if (_whole)
        {
            _whole = false;
            if (answer is GetParameterNamesResponse { Parameters.Count: > 1 } all && all.Parameters.Any(static p => !p.IsObject))
            {
                Keep(all.Parameters, descend: false);
                _named = End is null;
                _values.Add(_names);
            }
            else
            {
                _levels.Enqueue(_prefix);
            }

            return;
        }

        var level = _levels.Dequeue();
        switch (answer)
        {
            case GetParameterNamesResponse names:
                Keep(names.Parameters.Where(p => p.Name != level), descend: true);
                break;

            // Without the first level there is nothing; one below it that is refused is left out.
            case CwmpFault fault when level == _prefix:
                End = TaskEnd.Of(fault);
                break;
        }
    }

    private void Keep(IEnumerable<ParameterInfo> names, bool descend)
    {
        foreach (var name in names)
        {
            if (!name.IsObject)
            {
                _names.Add(name);
            }
            else if (descend && ++_objects <= _most)
            {
                _levels.Enqueue(name.Name);
            }
        }

        if (_names.Count > _most)
        {
            End = new TaskEnd(false, 0, $"the router has more than {_most} parameters (routers.cwmp.maxParameters)");
        }
    }
}
