namespace Tsunagi.Core.Net;

/// <summary>One connection counted against a tenant; disposing it gives the place back, a second time does nothing.</summary>
public sealed class TenantConnectionLease : IDisposable
{
    private readonly ConnectionLimits _limits;
    private readonly string _tenantPath;
    private int _left;

    internal TenantConnectionLease(ConnectionLimits limits, string tenantPath)
    {
        _limits = limits;
        _tenantPath = tenantPath;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            _limits.LeaveTenant(_tenantPath);
        }
    }
}
