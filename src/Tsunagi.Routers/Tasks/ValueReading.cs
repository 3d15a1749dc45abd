using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Tasks;

/// <summary>Reads many values in pieces. A piece that is refused is halved until the one parameter is found that the router does not give; that one is left out.</summary>
internal sealed class ValueReading(int atOnce, long now)
{
    private readonly Stack<IReadOnlyList<string>> _pieces = new();
    private readonly Dictionary<string, bool> _writable = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _asked = [];

    public List<TreeEntry> Read { get; } = [];

    /// <summary>Parameters that were refused, with the code.</summary>
    public List<(string Path, int Code)> Refused { get; } = [];

    public void Add(IEnumerable<ParameterInfo> parameters)
    {
        var paths = new List<string>();
        foreach (var parameter in parameters)
        {
            if (!parameter.IsObject && _writable.TryAdd(parameter.Name, parameter.Writable))
            {
                paths.Add(parameter.Name);
            }
        }

        foreach (var piece in paths.Chunk(atOnce).Reverse())
        {
            _pieces.Push(piece);
        }
    }

    public CwmpMessage? Next()
    {
        if (!_pieces.TryPop(out var piece))
        {
            return null;
        }

        _asked = piece;
        return new GetParameterValues(piece);
    }

    public void Take(CwmpMessage answer)
    {
        switch (answer)
        {
            case GetParameterValuesResponse values:
                foreach (var value in values.Parameters)
                {
                    if (_writable.TryGetValue(value.Name, out var writable))
                    {
                        Read.Add(new TreeEntry(value.Name, value.Value, value.Type, writable, now));
                        _writable.Remove(value.Name);
                    }
                }

                break;
            case CwmpFault when _asked.Count > 1:
                _pieces.Push([.. _asked.Skip(_asked.Count / 2)]);
                _pieces.Push([.. _asked.Take(_asked.Count / 2)]);
                break;
            case CwmpFault fault:
                Refused.Add((_asked[0], fault.Code));
                break;
        }
    }
}
