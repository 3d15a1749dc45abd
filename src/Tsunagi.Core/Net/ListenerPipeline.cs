using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Net.Proxy;

namespace Tsunagi.Core.Net;

/// <summary>
/// What every TCP listener of the program puts before its handler. The order matters and is the same everywhere: (1) the PROXY header, so that
/// (2) the limits count the true peer, then (3) the protocol.
/// <code>
/// kestrel.Listen(endPoint, listen =&gt; listen.UseListenerPipeline(limits, refusal, proxyOptions).UseConnectionHandler&lt;SmtpHandler&gt;());
/// </code>
/// </summary>
public static class ListenerPipeline
{
    private static readonly TimeSpan RefusalDeadline = TimeSpan.FromSeconds(2);

    /// <param name="refusal">What a refused peer is told before the connection closes ("421 4.7.0 …\r\n"), or empty to close silently.</param>
    /// <param name="proxy">The listener's PROXY protocol setting; null or an empty list of senders is off.</param>
    public static TBuilder UseListenerPipeline<TBuilder>(
        this TBuilder builder, ConnectionLimits limits, ReadOnlyMemory<byte> refusal, ProxyProtocolOptions? proxy)
        where TBuilder : IConnectionBuilder
    {
        if (proxy is { From.Count: > 0 })
        {
            var time = builder.ApplicationServices.GetService<TimeProvider>() ?? TimeProvider.System;
            builder.Use(next => new ProxyProtocolMiddleware(next, proxy, limits.Listener, time).OnConnectionAsync);
        }

        builder.Use(next => connection => LimitAsync(connection, limits, refusal, next));
        return builder;
    }

    /// <summary>Cancelled when the program stops and this connection should finish what it is doing, then close (Kestrel aborts it at the shutdown deadline).</summary>
    public static CancellationToken StopRequested(this ConnectionContext connection) =>
        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;

    private static async Task LimitAsync(ConnectionContext connection, ConnectionLimits limits, ReadOnlyMemory<byte> refusal, ConnectionDelegate next)
    {
        if (limits.TryEnter(connection.RemoteEndPoint, out var lease) != ConnectionLimitOutcome.Admitted)
        {
            await TellAsync(connection, refusal);
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            lease.Dispose();
        }
    }

    private static async Task TellAsync(ConnectionContext connection, ReadOnlyMemory<byte> refusal)
    {
        if (refusal.IsEmpty)
        {
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        deadline.CancelAfter(RefusalDeadline);
        try
        {
            await connection.Transport.Output.WriteAsync(refusal, deadline.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // The peer left before it read the refusal: nothing more to say.
        }
    }
}
