using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Mail.Inbound;
using Tsunagi.Protocols.Mail.Sasl;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Submission;

/// <summary>Puts the listeners for submission beside that of the gateway: PROXY header, limits of their own, then the same session with AUTH (RFC 6409, RFC 8314).</summary>
internal sealed class SubmissionListener : IConfigureOptions<KestrelServerOptions>
{
    private static readonly byte[] Busy = "421 4.7.0 Too many connections, try again later\r\n"u8.ToArray();
    private readonly SubmissionOptions _options;
    private readonly Certificates? _certificates;
    private readonly List<ListenOptions> _bound = [];
    private readonly List<ListenOptions> _boundTls = [];
    private readonly ConnectionLimits _limits;
    private readonly SmtpServerOptions _server;

    public SubmissionListener(MailOptions options, Certificates? certificates = null)
    {
        _options = options.Submission;
        _certificates = certificates;
        _limits = new ConnectionLimits("submission", _options.Connections);
        _server = SmtpSessionServices.ServerOptionsOf(options) with
        {
            OfferStartTls = true,
            RequireTls = true,
            RequireAuth = true,
            AuthMechanisms = [.. SaslMechanisms.All.Select(SaslMechanisms.NameOf)],
            MaxAuthFailures = _options.MaxFailures,
        };
    }

    /// <summary>Where it listens for STARTTLS; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    /// <summary>Where it listens for TLS.</summary>
    public IReadOnlyList<IPEndPoint> TlsEndPoints => [.. _boundTls.Select(static listen => listen.IPEndPoint).OfType<IPEndPoint>()];

    public void Configure(KestrelServerOptions kestrel)
    {
        if (_options.IsOn && _certificates is null)
        {
            throw new InvalidOperationException("mail.submission.listen: submission is offered under TLS alone, and there are no certificates");
        }

        Bind(kestrel, _options.Listen, _bound, Busy, new SmtpDoor(_server, _limits, IsSubmission: true, IsTlsFirst: false));

        // A peer that expects TLS cannot read a refusal in the clear.
        Bind(kestrel, _options.ListenTls, _boundTls, default, new SmtpDoor(_server with { OfferStartTls = false }, _limits, IsSubmission: true, IsTlsFirst: true));
    }

    private void Bind(KestrelServerOptions kestrel, IReadOnlyList<string> addresses, List<ListenOptions> bound, ReadOnlyMemory<byte> refusal, SmtpDoor door)
    {
        foreach (var address in addresses)
        {
            kestrel.Listen(IPEndPoint.Parse(address), listen =>
            {
                bound.Add(listen);
                var handler = listen.ApplicationServices.GetRequiredService<SmtpConnectionHandler>();
                listen.UseListenerPipeline(_limits, refusal, _options.Proxy).Run(connection => handler.OnConnectedAsync(connection, door));
            });
        }
    }
}
