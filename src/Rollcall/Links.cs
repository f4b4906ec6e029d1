using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall;

/// <summary>
/// Every address that the product builds. Paths are local, for pages; <see cref="Absolute"/> makes a link for an email
/// from <see cref="RollcallOptions.PublicBaseUrl"/>, never from the request.
/// </summary>
internal sealed class Links(IOptions<RollcallOptions> options)
{
    public static string Home => "/";

    public static string SignIn(string? returnUrl = null) => WithReturn("/sign-in", returnUrl);

    /// <summary>Why a person has to start signing in again.</summary>
    public const string TooManyCodes = "too-many-codes",
        TooSlow = "too-slow",
        Changed = "changed";

    public static string SignInAgain(string why, string? returnUrl) => WithReturn($"/sign-in?why={why}", returnUrl);

    public static string SignOut => "/sign-out";

    public static string SignInWith(string provider, string? problem = null, string? returnUrl = null) =>
        WithReturn($"/sign-in/with/{provider}{(problem is null ? "" : $"?problem={problem}")}", returnUrl);

    public static string NotRecognised => "/sign-in/not-recognised";
    public static string UseAddress => "/sign-in/use-address";

    /// <summary>Connects a provider to an existing account, after signing in to it.</summary>
    public static string Connect => "/sign-in/connect";
    public static string Paused => "/sign-in/paused";
    public static string NoOrganisation => "/no-organisation";

    public static string Register(string token) => $"/register/{token}";

    public static string RegisterDetails(string token) => $"{Register(token)}/details";

    public static string FinishRegistration => "/account/finish";
    public static string RegistrationDone => "/account/ready";
    public static string ForgotPassword => "/forgot-password";

    public static string ResetPassword(string token) => $"/reset-password/{token}";

    public static string Account => "/account";
    public static string ChangeAccountName => $"{Account}/name";
    public static string ChangeAccountEmail => $"{Account}/email";

    public static string ConfirmEmail(string token) => $"{Account}/email/{token}";

    public static string ChangeMobile => $"{Account}/mobile";
    public static string ChangePassword => $"{Account}/password";
    public static string Sessions => $"{Account}/sessions";
    public static string SessionNotMine => $"{Sessions}?handler=NotMine";
    public static string SignOutEverywhere => $"{Sessions}/sign-out";
    public static string RecoveryCodes => $"{Account}/recovery-codes";

    public static string SecondFactor(SecondFactorKind kind, bool sent = false) =>
        $"/sign-in/second-factor?way={kind.Key}{(sent ? "&sent=true" : "")}";

    public static string Passkeys => $"{Account}/passkeys";

    public static string AddPasskey(string? returnUrl = null) => WithReturn($"{Passkeys}/add", returnUrl);

    public static string RenamePasskey(Guid passkey) => $"{Passkeys}/{passkey}";

    public static string RemovePasskey(Guid passkey) => $"{RenamePasskey(passkey)}/remove";

    public static string SignInWithPasskey(string? returnUrl = null) => WithReturn("/sign-in/passkey", returnUrl);

    public static string SetUpSecondFactor(string? returnUrl = null) =>
        WithReturn($"{Account}/second-factor", returnUrl);

    public static string SetUpSecondFactor(SecondFactorKind kind, string? returnUrl) =>
        WithReturn($"{Account}/second-factor/{kind.Key}", returnUrl);

    /// <summary>Sets up security codes with a number other than the one on the account.</summary>
    public static string SetUpAnotherNumber(string? returnUrl) =>
        WithReturn($"{Account}/second-factor/{SecondFactorKind.Text.Key}?another=true", returnUrl);

    public static string RemoveSecondFactor(SecondFactorKind kind) => $"{Account}/second-factor/{kind.Key}/remove";

    /// <summary>Signs in again before changing how to sign in.</summary>
    public static string ConfirmIdentity(string returnUrl) =>
        $"/sign-in?again=true&returnUrl={Uri.EscapeDataString(returnUrl)}";

    public static string Terms => "/terms";

    public static string AcceptTerms(string? returnUrl = null) => WithReturn($"{Terms}/accept", returnUrl);

    public static string DeclinedTerms(string? returnUrl = null) => WithReturn($"{Terms}/declined", returnUrl);

    public static string TermsVersions => $"{Terms}/versions";

    public static string TermsVersion(int number) => $"{TermsVersions}/{number.ToString(CultureInfo.InvariantCulture)}";

    public static string PublishTerms(Guid? draft = null) => $"{Terms}/publish{(draft is null ? "" : $"/{draft}")}";

    public static string CheckTerms(Guid draft) => $"{PublishTerms(draft)}/check";

    /// <param name="list">The list to change; null for a new one.</param>
    public static string InviteUsers(Guid organisation, Guid? list = null) =>
        $"{Users(organisation)}/invite{(list is null ? "" : $"?list={list}")}";

    public static string InvitationList(Guid organisation, Guid list) => $"{Users(organisation)}/invite/{list}";

    public static string ChangeAccess(Guid organisation, Guid user) => $"{User(organisation, user)}/access";

    public static string PauseUser(Guid organisation, Guid user) => $"{User(organisation, user)}/pause";

    public static string ResumeUser(Guid organisation, Guid user) => $"{User(organisation, user)}/resume";

    public static string ResendExpired(Guid organisation) => $"{Users(organisation)}/resend-expired";

    public static string ResendInvitation(Guid organisation, Guid user) => $"{User(organisation, user)}/resend";

    /// <summary>Support starts with the person's details and then chooses the organisation.</summary>
    public static string AddPerson(Guid? draft = null) => $"/users/add{(draft is null ? "" : $"/{draft}")}";

    public static string NewPersonsOrganisation(Guid draft) => $"{AddPerson(draft)}/organisation";

    /// <summary>All users, for support.</summary>
    public static string Everyone => "/users";

    public static string Person(Guid user) => $"{Everyone}/{user}";

    public static string PauseAccount(Guid user) => $"{Person(user)}/pause";

    public static string ResumeAccount(Guid user) => $"{Person(user)}/resume";

    /// <summary>Support merges two records of one person.</summary>
    /// <param name="other">The record to delete; null to ask for it.</param>
    public static string Merge(Guid kept, Guid? other = null) =>
        $"{Person(kept)}/merge{(other is null ? "" : $"/{other}")}";

    /// <summary>Support resets a sign-in method that a person has lost.</summary>
    public static string ResetSignIn(Guid user, string returnUrl) => WithReturn($"/users/{user}/sign-in", returnUrl);

    public static string SupportUsers => "/support-users";

    public static string AddSupportUser(Guid? draft = null) =>
        $"{SupportUsers}/add{(draft is null ? "" : $"/{draft}")}";

    public static string CheckNewSupportUser(Guid draft) => $"{AddSupportUser(draft)}/check";

    public static string ResendSupportInvitation(Guid user) => $"{SupportUsers}/{user}/resend";

    public static string RemoveSupportUser(Guid user) => $"{SupportUsers}/{user}/remove";

    public static string Organisations => "/organisations";

    /// <summary>The choice of organisations, for a person who has just been removed from this one.</summary>
    public static string OrganisationsAfter(Guid removedFrom) => $"{Organisations}?removedFrom={removedFrom}";

    public static string CreateOrganisation => "/organisations/create";

    public static string Organisation(Guid id) => $"/organisations/{id}";

    public static string EditOrganisation(Guid id) => $"{Organisation(id)}/edit";

    public static string Areas(Guid organisation) => $"{Organisation(organisation)}/areas";

    public static string RemoveArea(Guid organisation, Guid area) => $"{Areas(organisation)}/{area}/remove";

    public static string SignInRules(Guid organisation) => $"{Organisation(organisation)}/sign-in";

    public static string History(Guid organisation) => $"{Organisation(organisation)}/history";

    /// <summary>The page for signing in another way, which the organisation requires.</summary>
    public static string AnotherWay(Guid organisation) => $"{Organisation(organisation)}/another-way";

    public static string Users(Guid organisation) => $"/organisations/{organisation}/users";

    /// <summary>The users list with its filter and search.</summary>
    /// <param name="csv">The whole list as a CSV file.</param>
    public static string Users(Guid organisation, MembershipStatus? status, string search = "", bool csv = false) =>
        Users(organisation)
        + QueryString.Create([
            .. csv ? [KeyValuePair.Create("handler", (string?)"csv")] : Array.Empty<KeyValuePair<string, string?>>(),
            .. status is { } only
                ? [KeyValuePair.Create("status", (string?)only.ToString().ToLowerInvariant())]
                : Array.Empty<KeyValuePair<string, string?>>(),
            .. search.Length > 0
                ? [KeyValuePair.Create("search", (string?)search)]
                : Array.Empty<KeyValuePair<string, string?>>(),
        ]);

    public static string User(Guid organisation, Guid user) => $"{Users(organisation)}/{user}";

    public static string AddUser(Guid organisation, Guid? draft = null) =>
        $"{Users(organisation)}/add{(draft is null ? "" : $"/{draft}")}";

    public static string NewUsersAccess(Guid organisation, Guid draft) => $"{AddUser(organisation, draft)}/access";

    public static string CheckNewUser(Guid organisation, Guid draft) => $"{AddUser(organisation, draft)}/check";

    public static string EditUser(Guid organisation, Guid user, Guid? draft = null) =>
        $"{User(organisation, user)}/edit{(draft is null ? "" : $"/{draft}")}";

    public static string CheckEditedUser(Guid organisation, Guid user, Guid draft) =>
        $"{EditUser(organisation, user, draft)}/check";

    public static string ReviewAccess(Guid organisation, int? months = null) =>
        $"{Users(organisation)}/review{(months is null ? "" : $"?months={months}")}";

    public static string UndoRemoval(Guid organisation, Guid user) => $"{User(organisation, user)}/undo-removal";

    public static string RemoveUser(Guid organisation, Guid user) => $"{User(organisation, user)}/remove";

    private static string WithReturn(string path, string? returnUrl)
    {
        if (returnUrl is null)
        {
            return path;
        }

        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return $"{path}{separator}returnUrl={Uri.EscapeDataString(returnUrl)}";
    }

    public string Absolute(string path) => options.Value.PublicBaseUrl.AbsoluteUri.TrimEnd('/') + path;
}
