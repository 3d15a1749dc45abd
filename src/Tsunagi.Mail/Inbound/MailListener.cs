using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Net;

namespace Tsunagi.Mail.Inbound;

/// <summary>Puts the SMTP listener beside the console's on the program's Kestrel: PROXY header, limits, then the session.</summary>
internal sealed class MailListener(MailOptions options) : IConfigureOptions<KestrelServerOptions>
{
    private static readonly byte[] Busy = "421 4.7.0 Too many connections, try again later\r\n"u8.ToArray();
    private readonly List<ListenOptions> _bound = [];

    public ConnectionLimits Limits { get; } = new("mail", options.Inbound.Connections);

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        foreach (var address in options.Listen)
        {
            kestrel.Listen(IPEndPoint.Parse(address), listen =>
            {
                _bound.Add(listen);
                listen.UseListenerPipeline(Limits, Busy, options.Inbound.Proxy).UseConnectionHandler<SmtpConnectionHandler>();
            });
        }
    }
}
