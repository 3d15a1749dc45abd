namespace Tsunagi.Core.Net;

/// <summary>One counted connection of a listener; disposing it once gives the place back.</summary>
public struct ConnectionLease : IDisposable
{
    private ConnectionLimits? _limits;
    private readonly AddressGroup _group;

    internal ConnectionLease(ConnectionLimits limits, AddressGroup group)
    {
        _limits = limits;
        _group = group;
    }

    public void Dispose()
    {
        _limits?.Leave(_group);
        _limits = null;
    }
}
