using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Net;

namespace Tsunagi.Mail.Checkv2;

/// <summary>
/// Puts the listener beside the others on the program's Kestrel, where it is asked for. Its connections are marked as they are accepted, and their requests leave the pipeline at its
/// very beginning: nothing of the console answers on it, and nothing of it on the console's.
/// </summary>
internal sealed class Checkv2Listener(MailOptions options, IServiceProvider services) : IConfigureOptions<KestrelServerOptions>, IStartupFilter
{
    // "Rcpt: <" a path of RFC 5321 section 4.5.3.1.3 ">", and what else there is.
    private const int FieldOctets = 280;
    private const int OtherFields = 100;
    private readonly List<ListenOptions> _bound = [];

    public ConnectionLimits Limits { get; } = new("checkv2", options.Checkv2.Connections);

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        if (options.Checkv2.Listen.Count > 0)
        {
            // Each recipient is a field of the request. Kestrel has these limits for the whole program alone.
            var fields = options.Checkv2.MaxRecipients + OtherFields;
            kestrel.Limits.MaxRequestHeaderCount = Math.Max(kestrel.Limits.MaxRequestHeaderCount, fields);
            kestrel.Limits.MaxRequestHeadersTotalSize = Math.Max(kestrel.Limits.MaxRequestHeadersTotalSize, fields * FieldOctets);
            kestrel.Limits.MaxRequestBufferSize = Math.Max(kestrel.Limits.MaxRequestBufferSize ?? long.MaxValue, kestrel.Limits.MaxRequestHeadersTotalSize);
        }

        foreach (var address in options.Checkv2.Listen)
        {
            kestrel.Listen(IPEndPoint.Parse(address), listen =>
            {
                _bound.Add(listen);
                listen.Protocols = HttpProtocols.Http1;
                listen.UseListenerPipeline(Limits, default, null);
                listen.Use(static next => connection =>
                {
                    connection.Features.Set(Marked.Mark);
                    return next(connection);
                });
            });
        }
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var server = services.GetRequiredService<Checkv2Server>();
        app.Use(rest => http => http.Features.Get<Marked>() is null ? rest(http) : server.HandleAsync(http));
        next(app);
    };

    private sealed class Marked
    {
        public static readonly Marked Mark = new();
    }
}
