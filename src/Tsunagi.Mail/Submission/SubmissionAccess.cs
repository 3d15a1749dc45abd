using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Net;
using Tsunagi.Mail.Meters;
using Tsunagi.Protocols.Mail.Sasl;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Submission;

/// <summary>
/// Who may hand mail in: the credentials, and the brake on guessing them. An attempt counts as failed from the moment its name is known until it turns out right, so that many at once do not pass
/// as one; nobody is ever locked out, and a device waits for others' guesses only where it was never seen before.
/// </summary>
internal sealed class SubmissionAccess(CredentialBook book, CredentialUse use, MailOptions options, MailMetrics metrics, TimeProvider time)
{
    private readonly SignInThrottle _throttle = new(options.Submission.Throttle, time);
    private readonly ToldSeries _told = new(options.Submission.Throttle.ForgetAfter, time);

    public CredentialBook Book => book;

    /// <summary>Text of an exchange's server nonce: 144 random bits.</summary>
    public static string Nonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));

    /// <summary>454 while an attempt must wait; null, and the attempt counted, when it may go on.</summary>
    public SmtpReply? Begin(string userName, LiveCredential? credential, IPAddress? client)
    {
        var (name, peer) = (userName.ToLowerInvariant(), PeerOf(client));
        var wait = _throttle.Wait(name, peer);
        if (_throttle.WaitOfAccount(name) is var ofAccount && ofAccount > wait && credential?.IsKnownFrom(peer.Group) != true)
        {
            wait = ofAccount;
        }

        if (wait > TimeSpan.Zero)
        {
            metrics.Authenticated("throttled");
            return new SmtpReply(454, new EnhancedStatus(4, 7, 0), string.Create(CultureInfo.InvariantCulture, $"Too many failed attempts, try again in {Math.Ceiling(wait.TotalSeconds)} seconds"));
        }

        _throttle.Begin(name, peer);
        return null;
    }

    public void Passed(string userName, LiveCredential credential, IPAddress? client)
    {
        metrics.Authenticated("passed");
        _throttle.Succeeded(userName.ToLowerInvariant(), PeerOf(client));
        _told.Forget(credential.Id);
        use.Used(credential, client);
    }

    /// <summary>Told once for each series: the feed must not become the guesser's megaphone.</summary>
    public void Failed(string userName, LiveCredential? credential, IPAddress? client)
    {
        metrics.Authenticated("failed");
        var (limits, peer) = (options.Submission.Throttle, PeerOf(client));
        if (credential is not null && _throttle.FailuresOfAccount(userName.ToLowerInvariant()) is var ofAccount && ofAccount >= limits.FreePerAccount && _told.TryTell(credential.Id))
        {
            use.Guessed(credential, client, ofAccount);
        }

        if (client is not null && _throttle.FailuresOfAddress(peer) is var ofAddress && ofAddress >= limits.FreePerAddress && _told.TryTell(peer.Group.ToString()))
        {
            use.Guessing(client, ofAddress);
        }
    }

    private static SessionPeer PeerOf(IPAddress? client) => new(client ?? IPAddress.None, "");
}
