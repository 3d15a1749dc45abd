using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Net;

namespace Tsunagi.Mail.Milter;

/// <summary>Puts the milter listener beside the others on the program's Kestrel, where it is asked for.</summary>
internal sealed class MilterListener(MailOptions options) : IConfigureOptions<KestrelServerOptions>
{
    private readonly List<ListenOptions> _bound = [];

    public ConnectionLimits Limits { get; } = new("milter", options.Milter.Connections);

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        foreach (var address in options.Milter.Listen)
        {
            kestrel.Listen(IPEndPoint.Parse(address), listen =>
            {
                _bound.Add(listen);
                listen.UseListenerPipeline(Limits, default, null).UseConnectionHandler<MilterConnectionHandler>();
            });
        }
    }
}
