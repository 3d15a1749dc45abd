using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>Tokens that are good for one act: setting a first or forgotten password, or giving the one-time code after the password.</summary>
internal sealed class OneTimeLinks(SessionOptions options, TimeProvider time)
{
    public const string SetPassword = "set-password";
    public const string GiveCode = "give-code";

    /// <summary>Makes one; those of the same purpose made before are void.</summary>
    public async ValueTask<string> MakeAsync(ISqlTransaction transaction, string userId, string purpose)
    {
        var token = OpaqueToken.New();
        var now = time.NowMicros();
        var life = purpose == GiveCode ? options.CodeWait : options.Link;
        await VoidAsync(transaction, userId, purpose);
        await transaction.ExecuteAsync(
            "INSERT INTO identity_link (token_hash, user_id, purpose, created_at, expires_at) VALUES (@Hash, @UserId, @Purpose, @Now, @End)",
            new { Hash = OpaqueToken.HashOf(token), UserId = userId, Purpose = purpose, Now = now, End = now + (life.Ticks / TimeSpan.TicksPerMicrosecond) });
        return token;
    }

    /// <summary>The user of a token that may still be used, or null.</summary>
    public ValueTask<string?> UserOfAsync(ISqlReader reader, string token, string purpose) => OpaqueToken.HasShape(token)
        ? reader.FirstOrDefaultAsync<string>(
            "SELECT user_id FROM identity_link WHERE token_hash = @Hash AND purpose = @Purpose AND used_at IS NULL AND expires_at > @Now",
            new { Hash = OpaqueToken.HashOf(token), Purpose = purpose, Now = time.NowMicros() })
        : ValueTask.FromResult<string?>(null);

    /// <summary>Uses a token up; false when someone was quicker.</summary>
    public async ValueTask<bool> UseAsync(ISqlTransaction transaction, string token, string purpose)
    {
        var now = time.NowMicros();
        return await transaction.ExecuteAsync(
            "UPDATE identity_link SET used_at = @Now WHERE token_hash = @Hash AND purpose = @Purpose AND used_at IS NULL AND expires_at > @Now",
            new { Hash = OpaqueToken.HashOf(token), Purpose = purpose, Now = now }) == 1;
    }

    public static ValueTask<int> VoidAsync(ISqlTransaction transaction, string userId, string purpose) =>
        transaction.ExecuteAsync("DELETE FROM identity_link WHERE user_id = @UserId AND purpose = @Purpose", new { UserId = userId, Purpose = purpose });
}
