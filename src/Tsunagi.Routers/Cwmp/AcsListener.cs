using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Tls;

namespace Tsunagi.Routers.Cwmp;

/// <summary>
/// Puts the listeners of the ACS beside the console's on the program's Kestrel. Their connections are marked as they are accepted, and their requests leave the
/// pipeline at its very beginning: nothing of the console answers on them, and nothing of the ACS on the console's.
/// </summary>
internal sealed class AcsListener(RoutersOptions options, IServiceProvider services) : IConfigureOptions<KestrelServerOptions>, IStartupFilter
{
    private readonly List<ListenOptions> _bound = [];

    public ConnectionLimits Limits { get; } = new("cwmp", options.Cwmp.Connections);

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        foreach (var address in options.Cwmp.Listen)
        {
            kestrel.Listen(IPEndPoint.Parse(address), listen =>
            {
                _bound.Add(listen);
                listen.Protocols = HttpProtocols.Http1;
                listen.UseListenerPipeline(Limits, default, null);
                listen.Use(static next => connection =>
                {
                    connection.Features.Set(AcsConnection.Mark);
                    return next(connection);
                });
                if (options.Cwmp.Https)
                {
                    listen.UseHttps(services.GetRequiredService<Certificates>().SelectAsync, state: null!);
                }
            });
        }
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var server = services.GetRequiredService<AcsServer>();
        app.Use(rest => http => http.Features.Get<AcsConnection>() is null ? rest(http) : server.HandleAsync(http));
        next(app);
    };

    private sealed class AcsConnection
    {
        public static readonly AcsConnection Mark = new();
    }
}
