using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Tsunagi.Routers.Cwmp;

/// <summary>
/// What is known of one connection, for as long as it lasts: the session that began on it last, by which a router is known that gives no cookie back. A proxy before us sends many routers' requests over
/// one connection; as soon as a second router speaks while the first one's session is under way, the connection says nothing any more of who speaks, and only cookies count on it.
/// </summary>
internal sealed class AcsConnection
{
    private AcsSession? _last;
    private bool _isShared;

    /// <summary>Null where it is not certain whose word it is.</summary>
    public AcsSession? Session => _isShared ? null : _last;

    public static AcsConnection Of(HttpContext http)
    {
        var items = http.Features.Get<IConnectionItemsFeature>()!.Items;
        lock (items)
        {
            if (items.TryGetValue(typeof(AcsConnection), out var known))
            {
                return (AcsConnection)known!;
            }

            var connection = new AcsConnection();
            items[typeof(AcsConnection)] = connection;
            return connection;
        }
    }

    /// <summary>A session begins on it.</summary>
    public void Begins(AcsSession session)
    {
        _isShared |= _last is { IsOver: false } other && other.Device.Id != session.Device.Id;
        _last = session;
    }
}
