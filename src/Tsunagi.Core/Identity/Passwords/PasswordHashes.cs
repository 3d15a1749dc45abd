using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Core.Identity.Passwords;

/// <summary>
/// Passwords at rest: <c>$pbkdf2-sha512$i=210000$salt$hash</c>, so the parameters can grow. Checking costs the same number of rounds whether there is
/// such a user or not, and whatever parameters the stored one has: nobody learns from the clock which addresses have an account. Thread-safe.
/// </summary>
public sealed class PasswordHashes : IDisposable
{
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const string Scheme = "pbkdf2-sha512";
    internal static readonly TimeSpan WaitForTurn = TimeSpan.FromSeconds(5);

    private readonly int _iterations;
    private readonly SemaphoreSlim _turns;
    private readonly TimeProvider _time;
    private readonly byte[] _decoySalt = RandomNumberGenerator.GetBytes(SaltBytes);
    private long _roundsRun;

    public PasswordHashes(PasswordOptions options, TimeProvider time)
        : this(options.Iterations, options.AtOnce, time)
    {
    }

    /// <summary>For tests that are not about passwords: fewer rounds.</summary>
    internal PasswordHashes(int iterations, int atOnce, TimeProvider time)
    {
        _time = time;
        _iterations = iterations;
        _turns = new SemaphoreSlim(atOnce);
    }

    /// <summary>Rounds of PBKDF2 run so far; the test of equal cost reads it.</summary>
    internal long RoundsRun => Interlocked.Read(ref _roundsRun);

    /// <summary>Null when too many are being computed already: the caller says "try again".</summary>
    public async ValueTask<string?> HashAsync(string password, CancellationToken cancellationToken)
    {
        if (!await TakeTurnAsync(cancellationToken))
        {
            return null;
        }

        try
        {
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            var hash = Derive(password, salt, _iterations);
            return string.Create(CultureInfo.InvariantCulture, $"${Scheme}$i={_iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Checks a password against what is stored; without anything stored it works as long and says no.</summary>
    public async ValueTask<PasswordCheck> CheckAsync(string password, string? stored, CancellationToken cancellationToken)
    {
        if (!await TakeTurnAsync(cancellationToken))
        {
            return PasswordCheck.Busy;
        }

        try
        {
            if (!TryParse(stored, out var iterations, out var salt, out var expected))
            {
                _ = Derive(password, _decoySalt, _iterations);
                return PasswordCheck.Wrong;
            }

            var equal = CryptographicOperations.FixedTimeEquals(Derive(password, salt, iterations), expected);
            if (iterations < _iterations)
            {
                // An old, cheaper one must not answer sooner than the decoy does.
                _ = Derive(password, _decoySalt, _iterations - iterations);
            }

            return !equal ? PasswordCheck.Wrong : iterations < _iterations ? PasswordCheck.RightButOld : PasswordCheck.Right;
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async ValueTask<bool> TakeTurnAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(WaitForTurn, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _turns.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private byte[] Derive(string password, byte[] salt, int iterations)
    {
        Interlocked.Add(ref _roundsRun, iterations);
        return Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, HashBytes);
    }

    private static bool TryParse(string? stored, out int iterations, out byte[] salt, out byte[] hash)
    {
        (iterations, salt, hash) = (0, [], []);
        if (stored?.Split('$') is not ["", Scheme, ['i', '=', .. var rounds], var saltText, var hashText]
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out iterations) || iterations < 1)
        {
            return false;
        }

        salt = new byte[saltText.Length];
        hash = new byte[hashText.Length];
        if (!Convert.TryFromBase64String(saltText, salt, out var saltLength) || !Convert.TryFromBase64String(hashText, hash, out var hashLength))
        {
            return false;
        }

        (salt, hash) = (salt[..saltLength], hash[..hashLength]);
        return true;
    }
}

/// <summary>What checking a password gave.</summary>
public enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>Right, and to be hashed again with today's parameters.</summary>
    RightButOld,

    /// <summary>Too many at once; nothing was checked.</summary>
    Busy,
}
