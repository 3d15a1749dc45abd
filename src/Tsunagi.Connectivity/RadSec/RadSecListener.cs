using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Net;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>Puts RADIUS over TLS beside the console's listener on the program's Kestrel: limits, then the connection.</summary>
internal sealed class RadSecListener(ConnectivityOptions options) : IConfigureOptions<KestrelServerOptions>
{
    private readonly List<ListenOptions> _bound = [];

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        var limits = new ConnectionLimits("radsec", options.RadSec.Connections);
        foreach (var text in options.RadSec.Listen)
        {
            if (!IPEndPoint.TryParse(text, out var at))
            {
                throw new InvalidOperationException($"connectivity.radSec.listen: \"{text}\" is no address and port");
            }

            kestrel.Listen(at, listen =>
            {
                _bound.Add(listen);
                listen.UseListenerPipeline(limits, refusal: default, proxy: null).UseConnectionHandler<RadSecConnectionHandler>();
            });
        }
    }
}
