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
/// <remarks>Boxes that know TLS 1.0 only have listeners of their own, with the same behind them: what is weak there is weak nowhere else.</remarks>
internal sealed class ArmsListener(RoutersOptions options, IServiceProvider services) : IConfigureOptions<KestrelServerOptions>, IStartupFilter
{
    private static readonly byte[] TunnelLine = "POST /tunnel"u8.ToArray();
    private readonly List<ListenOptions> _bound = [];
    private readonly List<ListenOptions> _legacy = [];

    public ConnectionLimits Limits { get; } = new("arms", options.Arms.Connections);

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    /// <summary>Where it listens with TLS 1.0.</summary>
    public IReadOnlyList<IPEndPoint> LegacyEndPoints => [.. _legacy.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        Listen(kestrel, options.Arms.Listen, _bound, ArmsConnection.Modern);
        Listen(kestrel, options.Arms.LegacyListen, _legacy, ArmsConnection.Legacy);
    }

    private void Listen(KestrelServerOptions kestrel, IReadOnlyList<string> addresses, List<ListenOptions> bound, ArmsConnection kind)
    {
        foreach (var address in addresses)
        {
            kestrel.Listen(IPEndPoint.Parse(address), listen =>
            {
                bound.Add(listen);
                listen.Protocols = HttpProtocols.Http1;
                listen.UseListenerPipeline(Limits, default, null);
                listen.UseHttps((_, _, _, cancellationToken) => services.GetRequiredService<ArmsAuthority>().SelectAsync(kind.IsLegacy, cancellationToken), state: null!);
                listen.Use(next => connection => DivideAsync(connection, kind, next));
            });
        }
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var server = services.GetRequiredService<ArmsServer>();
        app.Use(rest => http => http.Features.Get<ArmsConnection>() is null ? rest(http) : server.HandleAsync(http));
        next(app);
    };

    private async Task DivideAsync(ConnectionContext connection, ArmsConnection kind, ConnectionDelegate next)
    {
        connection.Features.Set(kind);
        if (options.Arms.Tunnel && await IsTunnelAsync(connection))
        {
            await services.GetRequiredService<ArmsTunnelHandler>().HandleAsync(connection);
            return;
        }

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
}

/// <summary>What a connection of the listeners of ARMS carries.</summary>
internal sealed record ArmsConnection(bool IsLegacy)
{
    public static ArmsConnection Modern { get; } = new(false);

    public static ArmsConnection Legacy { get; } = new(true);
}
