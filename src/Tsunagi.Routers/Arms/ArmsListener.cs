using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Net;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// Puts the listeners of ARMS beside the console's on the program's Kestrel: limits, TLS, and then by its first line either a tunnel, which is no HTTP that Kestrel could
/// serve (its chunks carry extensions, and both sides speak at once), or a request to the location or resource server, which leaves the pipeline at its very beginning.
/// </summary>
internal sealed class ArmsListener(RoutersOptions options, IServiceProvider services) : IConfigureOptions<KestrelServerOptions>, IStartupFilter
{
    private static readonly byte[] TunnelLine = "POST /tunnel"u8.ToArray();
    private readonly List<ListenOptions> _bound = [];

    public ConnectionLimits Limits { get; } = new("arms", options.Arms.Connections);

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        foreach (var address in options.Arms.Listen)
        {
            kestrel.Listen(IPEndPoint.Parse(address), listen =>
            {
                _bound.Add(listen);
                listen.Protocols = HttpProtocols.Http1;
                listen.UseListenerPipeline(Limits, default, null);
                listen.UseHttps((_, _, _, cancellationToken) => services.GetRequiredService<ArmsAuthority>().SelectAsync(cancellationToken), state: null!);
                listen.Use(next => connection => DivideAsync(connection, next));
            });
        }
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var server = services.GetRequiredService<ArmsServer>();
        app.Use(rest => http => http.Features.Get<ArmsConnection>() is null ? rest(http) : server.HandleAsync(http));
        next(app);
    };

    private async Task DivideAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (options.Arms.Tunnel && await IsTunnelAsync(connection))
        {
            await services.GetRequiredService<ArmsTunnelHandler>().HandleAsync(connection);
            return;
        }

        connection.Features.Set(ArmsConnection.Mark);
        await next(connection);
    }

    /// <summary>Looks at the first line and leaves it for whoever reads next.</summary>
    private async ValueTask<bool> IsTunnelAsync(ConnectionContext connection)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        deadline.CancelAfter(options.Arms.AnswerDeadline);
        try
        {
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync(deadline.Token);
                var isEnough = read.Buffer.Length > TunnelLine.Length || read.IsCompleted;
                var isTunnel = isEnough && IsTunnel(read.Buffer);
                connection.Transport.Input.AdvanceTo(read.Buffer.Start, isEnough ? read.Buffer.Start : read.Buffer.End);
                if (isEnough)
                {
                    return isTunnel;
                }
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            connection.Abort();
            return false;
        }
    }

    private static bool IsTunnel(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        return reader.IsNext(TunnelLine, advancePast: true) && reader.TryPeek(out var next) && next is (byte)' ' or (byte)'/' or (byte)'?';
    }

    private sealed class ArmsConnection
    {
        public static readonly ArmsConnection Mark = new();
    }
}
