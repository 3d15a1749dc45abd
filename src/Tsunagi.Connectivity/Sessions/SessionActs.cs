using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.RadSec;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>
/// Asks the NAS to end or change a session (RFC 5176), and keeps what became of it: (1) the session must be open and its NAS known; (2) what is to be sent is written down, with who asked
/// and why; (3) the request is sent, signed, as often as set; (4) the answer (acknowledged, refused with its Error-Cause, or none) is written down with the event. The session itself is
/// closed by its accounting alone: an answer says what the NAS means to do, not what it did.
/// </summary>
public sealed class SessionActs
{
    private const int DefaultPort = 3799;

    private readonly Stores _stores;
    private readonly SessionStore _sessions;
    private readonly NasHealth _nases;
    private readonly RadSecConnections _connections;
    private readonly AuditTrail _audit;
    private readonly Outbox _outbox;
    private readonly SessionOptions _options;
    private readonly TimeProvider _time;

    internal SessionActs(Stores stores, SessionStore sessions, NasHealth nases, RadSecConnections connections, AuditTrail audit, Outbox outbox, SessionOptions options, TimeProvider time)
    {
        (_stores, _sessions, _nases, _connections, _audit, _outbox, _options, _time) = (stores, sessions, nases, connections, audit, outbox, options, time);
    }

    /// <summary>Asks for the session's end.</summary>
    public ValueTask<Outcome<SessionActRow>> DisconnectAsync(Caller caller, string session, string reason, CancellationToken cancellationToken) =>
        ActAsync(caller, session, RadiusCode.DisconnectRequest, reason, [], cancellationToken);

    /// <summary>Asks for a change: attributes by their dictionary names, such as a new rate limit.</summary>
    public ValueTask<Outcome<SessionActRow>> ChangeAsync(Caller caller, string session, string reason, IReadOnlyList<LineReply> attributes, CancellationToken cancellationToken) =>
        ActAsync(caller, session, RadiusCode.CoaRequest, reason, attributes, cancellationToken);

    private async ValueTask<Outcome<SessionActRow>> ActAsync(Caller caller, string id, RadiusCode code, string reason, IReadOnlyList<LineReply> attributes, CancellationToken cancellationToken)
    {
        // (1)
        if (await _sessions.FindAsync(caller, id, cancellationToken) is not { } session)
        {
            return Refusal.NotFound("session", id);
        }

        if (session.EndedAt is not null)
        {
            return Refusal.Conflict("connectivity.session.ended", "the session has ended");
        }

        if (_nases.Snapshot.NasById(session.NasId) is not { } nas)
        {
            return Refusal.Conflict("connectivity.session.no-nas", "the access server of the session is not known any more");
        }

        if (!TryPairs(attributes, out var pairs, out var wrong))
        {
            return Refusal.Invalid("connectivity.session.attribute", "attributes", wrong, "attributes by their dictionary names with values of their types");
        }

        // By the connection that it opened, where it has one here and names no other way.
        var connection = nas.DynamicAuthorization is null && _connections.Of(nas.NasId) is [var open, ..] ? open : null;
        var target = connection?.From ?? nas.DynamicAuthorization ?? new IPEndPoint(IPEndPoint.Parse(session.Source).Address, DefaultPort);
        var secret = connection is null ? _nases.StateOf(nas).Secret : RadSecConnection.Secret;
        var request = Write(session, code, pairs, secret, (byte)RandomNumberGenerator.GetInt32(256));
        if (request is null)
        {
            return Refusal.Invalid("connectivity.session.attribute", "attributes", "the attributes do not go into a packet", "up to 4,096 octets");
        }

        // (2)
        var kind = code == RadiusCode.DisconnectRequest ? "disconnect" : "coa";
        var act = new SessionActRow(
            Id.New("ca", _time), session.TenantPath, session.Id, session.LineId, kind, reason, caller.ActorId, caller.ActorName, (connection is null ? "" : "tls ") + target, _time.NowMicros(), "sent", "", null, 0);
        await _stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_session_act (id, tenant_path, session_id, line_id, kind, reason, made_by, made_by_name, target, sent_at, outcome, error_cause, answered_at, tries)
                    VALUES (@Id, @TenantPath, @SessionId, @LineId, @Kind, @Reason, @MadeBy, @MadeByName, @Target, @SentAt, @Outcome, @ErrorCause, @AnsweredAt, @Tries)
                    """,
                    act);
                await _audit.AppendAsync(transaction, caller, "connectivity.session." + kind, session.Id, session.TenantPath, null, act, reason);
                return true;
            },
            cancellationToken);

        // (3)
        var exchange = connection is null
            ? await RadiusClient.AskAsync(target, request, secret, needsMessageAuthenticator: false, _options.ActTries, _options.ActWait, _time, cancellationToken)
            : await connection.Questions.AskAsync(identifier => Write(session, code, pairs, secret, identifier)!, _options.ActTries * _options.ActWait, cancellationToken);

        // (4)
        var (outcome, errorCause) = Read(exchange);
        var done = act with { Outcome = outcome, ErrorCause = errorCause, AnsweredAt = exchange.Answer is null ? null : _time.NowMicros(), Tries = exchange.Tries };
        await _stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("UPDATE connectivity_session_act SET outcome = @Outcome, error_cause = @ErrorCause, answered_at = @AnsweredAt, tries = @Tries WHERE id = @Id", done);
                await _outbox.AppendAsync(transaction, new Event(
                    Id.New("e", _time), SessionEvents.Acted, _time.NowMicros(), session.TenantPath, session.Id,
                    JsonSerializer.Serialize(new { act = kind, outcome, errorCause, nas = nas.Name, line = session.LineId, tries = exchange.Tries })));
                return true;
            },
            CancellationToken.None);
        return done;
    }

    private static bool TryPairs(IReadOnlyList<LineReply> attributes, out ImmutableArray<RadiusPair> pairs, out string wrong)
    {
        var made = ImmutableArray.CreateBuilder<RadiusPair>();
        wrong = "";
        foreach (var attribute in attributes)
        {
            if (!RadiusEncoder.TryMake(RadiusDictionary.Standard, attribute.Name, attribute.Value, out var pair, out wrong))
            {
                pairs = [];
                return false;
            }

            made.Add(pair!);
        }

        pairs = made.ToImmutable();
        return true;
    }

    // RFC 5176 section 3: what identifies the session, Event-Timestamp against replay, Message-Authenticator.
    private byte[]? Write(SessionRow session, RadiusCode code, ImmutableArray<RadiusPair> pairs, RadiusSecret secret, byte identifier)
    {
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, code, identifier);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusType.EventTimestamp, (uint)_time.GetUtcNow().ToUnixTimeSeconds());
        writer.Add(RadiusType.UserName, session.UserName);
        writer.Add(RadiusType.AcctSessionId, session.NasSessionId);
        if (IPAddress.TryParse(session.V4, out var v4))
        {
            writer.Add(RadiusType.FramedIpAddress, v4);
        }

        // What is hidden on the wire would be hidden with the packet's own authenticator, which is a hash over it (RFC 5176 section 2.3): such attributes are refused by the encoder.
        if (!RadiusEncoder.TryEncode(pairs, RadiusDictionary.Standard, null, null, out var attributes, out _))
        {
            return null;
        }

        writer.AddEncoded(attributes);
        return writer.TryFinishSigned(secret, out var length) ? buffer[..length] : null;
    }

    private static (string Outcome, string ErrorCause) Read(RadiusExchange exchange)
    {
        if (exchange.Answer is not { } octets || !RadiusPacket.TryParse(octets, null, out var answer, out _))
        {
            return ("no-answer", "");
        }

        var cause = answer.TryFind(RadiusType.ErrorCause, out ReadOnlySpan<byte> value) ? RadiusText.Format(RadiusDictionary.Standard.ByType(RadiusType.ErrorCause)!, value) : "";
        return (answer.Code is RadiusCode.DisconnectAck or RadiusCode.CoaAck ? "ack" : answer.Code is RadiusCode.DisconnectNak or RadiusCode.CoaNak ? "nak" : "no-answer", cause);
    }
}
