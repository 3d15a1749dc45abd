using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Core.Net;
using Tsunagi.Core.Outbound;
using Tsunagi.Protocols.Net.Ldap;

namespace Tsunagi.Mail.Directories;

/// <summary>
/// One connection to a directory, used for one reading: (1) connect to an address that the node's policy allows, (2) TLS, first (ldaps) or asked for (STARTTLS), (3) say who we are, (4) search, page by page,
/// (5) unbind. Whatever goes wrong is a <see cref="DirectoryException"/>.
/// </summary>
internal sealed class LdapSession : IAsyncDisposable
{
    private const int TimeLimitSeconds = 120;

    private readonly DirectorySettings _settings;
    private readonly DirectoryOptions _options;
    private readonly PeerClock _clock;
    private byte[] _input = new byte[16 * 1024];
    private int _start;
    private int _end;
    private int _number;
    private Stream _stream = Stream.Null;

    private LdapSession(DirectorySettings settings, DirectoryOptions options, TimeProvider time, CancellationToken stopping)
    {
        _settings = settings;
        _options = options;
        _clock = new PeerClock(time, stopping);
    }

    /// <summary>Steps (1) to (3).</summary>
    public static async ValueTask<LdapSession> OpenAsync(
        OutboundTcp outbound, DirectorySettings settings, string password, DirectoryOptions options, TimeProvider time, CancellationToken stopping)
    {
        var session = new LdapSession(settings, options, time, stopping);
        try
        {
            // (1)
            settings.TryReadUrl(out var host, out var port, out var isTlsFirst);
            await session.ConnectAsync(outbound, host, port);

            // (2)
            if (!isTlsFirst && !settings.ClearText)
            {
                await session.AskForTlsAsync();
            }

            if (isTlsFirst || !settings.ClearText)
            {
                await session.SecureAsync(host);
            }

            // (3)
            if (settings.BindName.Length > 0)
            {
                await session.BindAsync(password);
            }

            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Step (4): hands every object on, in the server's order. Parts that it refers elsewhere for are not searched: Active Directory names its own zones so below every domain. One that refers elsewhere for
    /// the whole, or cuts its answer short, was not read, and that is a failure.
    /// </summary>
    public async ValueTask SearchAsync(LdapFilter filter, IReadOnlyList<string> attributes, Action<LdapEntry> found)
    {
        ReadOnlyMemory<byte> cookie = default;
        do
        {
            var number = ++_number;
            await SendAsync(LdapRequestWriter.Search(number, _settings.BaseDn, LdapScope.Subtree, filter, attributes, TimeLimitSeconds, _settings.PageSize, cookie.Span));
            while (true)
            {
                var response = await ReceiveAsync(number, "search");
                if (response is LdapSearchEntry entry)
                {
                    found(entry.Entry);
                }
                else if (response is LdapSearchDone done)
                {
                    Expect(done.Result, $"the search below '{_settings.BaseDn}'");
                    cookie = done.Cookie;
                    break;
                }
                else if (response is not LdapSearchReference)
                {
                    throw new DirectoryException($"{_settings.Url} answered the search with something else");
                }
            }
        }
        while (cookie.Length > 0);
    }

    /// <summary>Step (5).</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_stream.CanWrite)
            {
                await _stream.WriteAsync(LdapRequestWriter.Unbind(++_number), _clock.Token);
            }
        }
        catch (Exception failed) when (failed is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It left first.
        }

        await _stream.DisposeAsync();
        _clock.Dispose();
    }

    private async ValueTask ConnectAsync(OutboundTcp outbound, string host, int port)
    {
        _clock.Arm(_options.AnswerDeadline);
        try
        {
            _stream = await outbound.ConnectAsync(host, port, _options.AnswerDeadline, _clock.Token);
        }
        catch (OutboundRefusedException refused)
        {
            throw new DirectoryException($"{_settings.Url} is not dialled: {refused.Message}", refused);
        }
        catch (Exception failed) when (failed is IOException or OperationCanceledException)
        {
            throw new DirectoryException($"no connection to {_settings.Url}: {Words(failed)}", failed);
        }
    }

    // RFC 4511 section 4.14
    private async ValueTask AskForTlsAsync()
    {
        var number = ++_number;
        await SendAsync(LdapRequestWriter.StartTls(number));
        if (await ReceiveAsync(number, "STARTTLS") is not LdapExtendedResponse answer)
        {
            throw new DirectoryException($"{_settings.Url} answered STARTTLS with something else");
        }

        Expect(answer.Result, "STARTTLS");
        if (_end > _start)
        {
            // What was said before TLS may be anybody's (as in SMTP, CVE-2011-0411).
            throw new DirectoryException($"{_settings.Url} sent more before TLS began");
        }
    }

    private async ValueTask SecureAsync(string host)
    {
        var secure = new SslStream(_stream, leaveInnerStreamOpen: false);
        _clock.Arm(_options.AnswerDeadline);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = host, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, CertificateChainPolicy = TrustOf(_settings.ReadAuthority()) },
                _clock.Token);
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException)
        {
            await secure.DisposeAsync();
            throw new DirectoryException($"TLS with {_settings.Url} failed: {Words(failed)}", failed);
        }

        _stream = secure;
    }

    private static X509ChainPolicy? TrustOf(X509Certificate2Collection? authority)
    {
        if (authority is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authority);
        return policy;
    }

    private async ValueTask BindAsync(string password)
    {
        if (password.Length == 0)
        {
            throw new DirectoryException($"{_settings.BindName} has no password here");
        }

        var number = ++_number;
        await SendAsync(LdapRequestWriter.SimpleBind(number, _settings.BindName, password));
        if (await ReceiveAsync(number, "bind") is not LdapBindResponse answer)
        {
            throw new DirectoryException($"{_settings.Url} answered the sign-in with something else");
        }

        Expect(answer.Result, $"the sign-in as '{_settings.BindName}'");
    }

    private void Expect(LdapResult result, string what)
    {
        if (result.Code != LdapResultCode.Success)
        {
            var name = Enum.IsDefined(result.Code) ? $"{result.Code} ({(int)result.Code})" : $"code {(int)result.Code}";
            throw new DirectoryException($"{_settings.Url} refused {what}: {name}{(result.Diagnostic.Length > 0 ? ": " + Short(result.Diagnostic) : "")}");
        }
    }

    private async ValueTask SendAsync(byte[] request)
    {
        _clock.Arm(_options.AnswerDeadline);
        try
        {
            await _stream.WriteAsync(request, _clock.Token);
            await _stream.FlushAsync(_clock.Token);
        }
        catch (Exception failed) when (failed is IOException or OperationCanceledException)
        {
            throw new DirectoryException($"{_settings.Url} went away: {Words(failed)}", failed);
        }
    }

    private async ValueTask<LdapResponse> ReceiveAsync(int number, string what)
    {
        while (true)
        {
            var frame = LdapReader.TryFrame(_input.AsSpan(_start, _end - _start), null, out var octets);
            if (frame == LdapFrame.Complete)
            {
                if (!LdapReader.TryRead(_input.AsSpan(_start, octets), null, out var response, out var error))
                {
                    throw new DirectoryException($"{_settings.Url} sent what cannot be read: {Short(error)}");
                }

                _start += octets;
                if (response!.MessageId == 0)
                {
                    // RFC 4511 section 4.4.1: notice of disconnection.
                    throw new DirectoryException($"{_settings.Url} ends the connection: {(response is LdapExtendedResponse notice ? Short(notice.Result.Diagnostic) : "")}");
                }

                if (response.MessageId == number)
                {
                    return response;
                }
            }
            else if (frame == LdapFrame.Bad)
            {
                throw new DirectoryException($"{_settings.Url} does not speak LDAP, or sent an object that is too large");
            }
            else
            {
                await FillAsync(octets, what);
            }
        }
    }

    private async ValueTask FillAsync(int wanted, string what)
    {
        if (_start > 0)
        {
            _input.AsSpan(_start, _end - _start).CopyTo(_input);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _input.Length)
        {
            Array.Resize(ref _input, Math.Max(wanted, _input.Length * 2));
        }

        _clock.Arm(_options.AnswerDeadline);
        try
        {
            var read = await _stream.ReadAsync(_input.AsMemory(_end), _clock.Token);
            if (read == 0)
            {
                throw new DirectoryException($"{_settings.Url} closed the connection during {what}");
            }

            _end += read;
        }
        catch (Exception failed) when (failed is IOException or OperationCanceledException)
        {
            throw new DirectoryException($"{_settings.Url} gave no answer to {what}: {Words(failed)}", failed);
        }
    }

    private static string Words(Exception failed) => failed is OperationCanceledException ? "no answer in time" : Short(failed.Message);

    private static string Short(string text) => text.Length > 200 ? text[..200] : text.Trim('\0', ' ', '\n', '\r');
}
