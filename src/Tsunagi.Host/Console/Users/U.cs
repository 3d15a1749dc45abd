using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Host.Console.Users;

/// <summary>The words of users, roles and tokens.</summary>
internal static class U
{
    public static readonly LocalizedText Users = new("Users", "利用者");
    public static readonly LocalizedText UsersLead = new("Who may sign in, what they may do, and since when they were last here.", "サインインできる方、その権限、最終利用日時の一覧です。");
    public static readonly LocalizedText User = new("User", "利用者");
    public static readonly LocalizedText Name = new("Name", "氏名");
    public static readonly LocalizedText Email = new("E-mail address", "メールアドレス");
    public static readonly LocalizedText State = new("State", "状態");
    public static readonly LocalizedText SecondFactor = new("Second factor", "二要素認証");
    public static readonly LocalizedText On = new("On", "有効");
    public static readonly LocalizedText Off = new("Off", "無効");
    public static readonly LocalizedText LastHere = new("Last here", "最終利用");
    public static readonly LocalizedText Home = new("Works for", "所属");
    public static readonly LocalizedText Invite = new("Invite", "招待");
    public static readonly LocalizedText InviteTitle = new("Invite a user", "利用者の招待");
    public static readonly LocalizedText Role = new("Role", "役割");
    public static readonly LocalizedText Roles = new("Roles", "役割");
    public static readonly LocalizedText RolesHere = new("What they may do, and where", "権限と適用範囲");
    public static readonly LocalizedText Language = new("Language", "言語");
    public static readonly LocalizedText LinkTitle = new("One-time link for the user", "利用者に渡すリンク");
    public static readonly LocalizedText LinkNote = new("Send it to the user by a way you trust. It sets a password, works once, and older links are void.", "信頼できる方法で本人に渡してください。パスワード設定用で一度だけ使え、以前のリンクは無効になります。");
    public static readonly LocalizedText Active = new("Active", "有効");
    public static readonly LocalizedText Invited = new("Invited", "招待中");
    public static readonly LocalizedText Disabled = new("Disabled", "停止中");
    public static readonly LocalizedText Disable = new("Disable", "停止");
    public static readonly LocalizedText DisableTitle = new("Disable {0}?", "{0} を停止しますか");
    public static readonly LocalizedText DisableEffect = new("Every session and API token ends at once.", "すべてのセッションとAPIトークンが直ちに無効になります。");
    public static readonly LocalizedText DisableStays = new("What they did stays in the audit under their name.", "操作の記録は監査ログに残ります。");
    public static readonly LocalizedText Enable = new("Enable again", "再開");
    public static readonly LocalizedText Changed = new("Saved", "保存しました");
    public static readonly LocalizedText NewLink = new("New password link", "再設定リンクを発行");
    public static readonly LocalizedText RemoveFactor = new("Remove the authenticator", "認証アプリを解除");
    public static readonly LocalizedText RemoveFactorTitle = new("Remove the authenticator of {0}?", "{0} の認証アプリを解除しますか");
    public static readonly LocalizedText RemoveFactorEffect = new("They sign in with the password alone until they set up a new one.", "新しく設定するまで、パスワードのみでサインインできます。");
    public static readonly LocalizedText Reason = new("Reason", "理由");
    public static readonly LocalizedText Record = new("Record", "登録情報");
    public static readonly LocalizedText Did = new("What they did", "操作の履歴");
    public static readonly LocalizedText Here = new("Below {0}", "{0} 以下");
    public static readonly LocalizedText SetRoles = new("Save the roles", "役割を保存");

    public static readonly LocalizedText RolesLead = new("A role is a set of permissions; a user has it for a part of the tree.", "役割は権限の集まりで、利用者に範囲を定めて付与します。");
    public static readonly LocalizedText BuiltIn = new("Built in", "標準");
    public static readonly LocalizedText OwnRole = new("Your own", "独自");
    public static readonly LocalizedText NewRole = new("Make a role", "役割を作成");
    public static readonly LocalizedText Permissions = new("Permissions", "権限");
    public static readonly LocalizedText RoleName = new("Name of the role", "役割名");
    public static readonly LocalizedText RoleMade = new("The role {0} is made", "役割 {0} を作成しました");
    public static readonly LocalizedText RoleRemove = new("Remove", "削除");
    public static readonly LocalizedText RoleRemoveTitle = new("Remove the role {0}?", "役割 {0} を削除しますか");
    public static readonly LocalizedText RoleRemoveEffect = new("Only a role nobody has can be removed.", "誰にも付与されていない役割だけ削除できます。");
    public static readonly LocalizedText RoleRemoved = new("The role is removed", "役割を削除しました");
    public static readonly LocalizedText Everything = new("Everything", "すべて");
    public static readonly LocalizedText EverythingLead = new("Every permission there is, of every service.", "すべてのサービスのすべての操作が可能です。");

    public static readonly LocalizedText Tokens = new("API tokens", "APIトークン");
    public static readonly LocalizedText TokensLead = new("For programs. A token never does more than its maker may, and ends with them.", "プログラム用です。発行者の権限を超えることはなく、発行者の停止とともに失効します。");
    public static readonly LocalizedText TokenName = new("What is it for", "用途");
    public static readonly LocalizedText TokenMake = new("Make a token", "トークンを発行");
    public static readonly LocalizedText TokenDays = new("Good for", "有効期間");
    public static readonly LocalizedText Days = new("days", "日");
    public static readonly LocalizedText TokenMay = new("It may", "許可する操作");
    public static readonly LocalizedText TokenTitle = new("The new token", "発行されたトークン");
    public static readonly LocalizedText TokenNote = new("Send it as: Authorization: Bearer …", "Authorization: Bearer … として送信してください");
    public static readonly LocalizedText Revoke = new("Revoke", "失効");
    public static readonly LocalizedText RevokeTitle = new("Revoke {0}?", "{0} を失効させますか");
    public static readonly LocalizedText RevokeEffect = new("Programs that use it are refused from now on.", "使用中のプログラムは以後拒否されます。");
    public static readonly LocalizedText Revoked = new("Revoked", "失効済み");
    public static readonly LocalizedText Expired = new("Expired", "期限切れ");
    public static readonly LocalizedText Good = new("Good", "有効");
    public static readonly LocalizedText Expires = new("Expires", "有効期限");
    public static readonly LocalizedText LastUsed = new("Last used", "最終使用");
    public static readonly LocalizedText NoTokens = new("No token yet", "トークンはまだありません");

    public static Status OfState(string state, ConsoleView view) => state switch
    {
        UserState.Active => new(Tone.Good, view[Active]),
        UserState.Invited => new(Tone.Waiting, view[Invited]),
        _ => new(Tone.Bad, view[Disabled]),
    };
}
