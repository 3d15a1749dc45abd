namespace Tsunagi.Core.Identity.SignIn;

/// <summary>
/// Slows guessing down without ever locking anybody out: a pair of account and address waits soonest, an address that tries many accounts next, and an
/// account guessed from many addresses last and for a minute at most. Kept in memory; a restart forgives.
/// </summary>
public sealed class SignInThrottle(ThrottleOptions options, TimeProvider time)
{
    private readonly FailureCounts _pairs = new(options.FreePerPair, options.LongestWait, options.ForgetAfter, time);
    private readonly FailureCounts _addresses = new(options.FreePerAddress, options.LongestWait, options.ForgetAfter, time);
    private readonly FailureCounts _accounts = new(options.FreePerAccount, options.LongestAccountWait, options.ForgetAfter, time);

    /// <summary>How long the peer must wait before he may try this account; zero when he may. A wait is no failure and does not lengthen itself.</summary>
    public TimeSpan Wait(string email, SessionPeer peer)
    {
        var pair = _pairs.Wait(PairKey(email, peer));
        var address = _addresses.Wait(AddressKey(peer));
        return pair > address ? pair : address;
    }

    /// <summary>The wait of the account as a whole. The caller asks only where it may apply: see <see cref="ThrottleOptions.FreePerAccount"/>.</summary>
    public TimeSpan WaitOfAccount(string email) => _accounts.Wait(AccountKey(email));

    /// <summary>An attempt begins. It counts as failed until <see cref="Succeeded"/>.</summary>
    public void Begin(string email, SessionPeer peer)
    {
        _pairs.Add(PairKey(email, peer));
        _addresses.Add(AddressKey(peer));
        _accounts.Add(AccountKey(email));
    }

    /// <summary>It was right. The address keeps its other failures: an attacker's own account must not wash them off.</summary>
    public void Succeeded(string email, SessionPeer peer)
    {
        _pairs.Clear(PairKey(email, peer));
        _accounts.Clear(AccountKey(email));
        _addresses.Remove(AddressKey(peer));
    }

    /// <summary>The attempt ended before anything was checked.</summary>
    public void Withdraw(string email, SessionPeer peer)
    {
        _pairs.Remove(PairKey(email, peer));
        _accounts.Remove(AccountKey(email));
        _addresses.Remove(AddressKey(peer));
    }

    /// <summary>True once in a series of failures of an account that operators should hear of: attempts that run at the same time must not step over it.</summary>
    public bool TryTellOfAccount(string email) => _accounts.TryTell(AccountKey(email), options.FreePerAccount);

    /// <summary>Failures of an account that are not forgotten, whatever the address.</summary>
    public int FailuresOfAccount(string email) => _accounts.Of(AccountKey(email));

    /// <summary>Failures of an address that are not forgotten, whatever the account.</summary>
    public int FailuresOfAddress(SessionPeer peer) => _addresses.Of(AddressKey(peer));

    // HashCode and string.GetHashCode are keyed with a random number of the process: nobody outside can aim at a place.
    private static int PairKey(string email, SessionPeer peer) => HashCode.Combine(email.GetHashCode(StringComparison.Ordinal), peer.Group);

    private static int AddressKey(SessionPeer peer) => HashCode.Combine(peer.Group);

    private static int AccountKey(string email) => email.GetHashCode(StringComparison.Ordinal);
}
