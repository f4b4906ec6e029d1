namespace Rollcall;

/// <summary>Who may open a page.</summary>
internal enum Permission
{
    /// <summary>Everyone, signed in or not.</summary>
    Anyone,

    /// <summary>Everyone who is signed in.</summary>
    SignedIn,

    /// <summary>Support users, and anyone who belongs to an organisation.</summary>
    Belong,

    /// <summary>Support users, and anyone who belongs to the organisation in the URL.</summary>
    SeeOrganisation,

    /// <summary>Support users, and anyone who manages users of the organisation in the URL.</summary>
    ManageUsers,

    /// <summary>
    /// Support users, and anyone who manages all users of the organisation in the URL, not only some service areas.
    /// </summary>
    ManageOrganisation,

    /// <summary>Support users.</summary>
    Support,

    /// <summary>Everyone in Development. Answers 404 elsewhere.</summary>
    Development,
}

/// <summary>
/// Every page and who may open it, for GET and POST alike. A page that is not listed is refused. An organisation that
/// the viewer may not see answers like one that does not exist.
/// </summary>
internal static class Permissions
{
    /// <summary>Pages you can open before you set up a required second factor, besides those for anyone.</summary>
    public static IReadOnlySet<string> ToSetUpASecondFactor { get; } =
        Only("/Account/SecondFactor/Choose", "/Account/SecondFactor/SetUp", "/Account/AddPasskey");

    /// <summary>Pages you can open before you accept the terms, besides those for anyone.</summary>
    public static IReadOnlySet<string> ToAcceptTheTerms { get; } =
        Only("/TermsAndConditions/Accept", "/TermsAndConditions/Versions", "/TermsAndConditions/Version");

    /// <summary>Pages you can open before you finish registering, besides those for anyone.</summary>
    public static IReadOnlySet<string> ToFinishRegistration { get; } =
        Only("/Register/Finish", "/Account/SecondFactor/Choose", "/Account/SecondFactor/SetUp", "/Account/AddPasskey");

    private static HashSet<string> Only(params string[] pages) => new(pages, StringComparer.Ordinal);

    public static IReadOnlyDictionary<string, Permission> Pages { get; } =
        new Dictionary<string, Permission>(StringComparer.Ordinal)
        {
            ["/Home"] = Permission.Anyone,
            ["/SignIn/SignIn"] = Permission.Anyone,
            ["/SignIn/SignOut"] = Permission.Anyone,
            ["/SignIn/SecondFactor"] = Permission.Anyone,
            ["/SignIn/Passkey"] = Permission.Anyone,
            ["/SignIn/ForgotPassword"] = Permission.Anyone,
            ["/SignIn/ResetPassword"] = Permission.Anyone,
            ["/Register/Start"] = Permission.Anyone,
            ["/Register/Details"] = Permission.Anyone,
            ["/Register/Finish"] = Permission.SignedIn,
            ["/Register/Ready"] = Permission.SignedIn,
            ["/SignIn/Providers/With"] = Permission.Anyone,
            ["/SignIn/Providers/NotRecognised"] = Permission.Anyone,
            ["/SignIn/Providers/UseAddress"] = Permission.Anyone,
            ["/SignIn/Providers/Connect"] = Permission.Anyone,
            ["/SignIn/AnotherWay"] = Permission.SeeOrganisation,
            ["/SignIn/Paused"] = Permission.Anyone,
            ["/SignIn/NoOrganisation"] = Permission.SignedIn,
            ["/Help/Help"] = Permission.Anyone,
            ["/Help/Privacy"] = Permission.Anyone,
            ["/Help/Cookies"] = Permission.Anyone,
            ["/Help/Accessibility"] = Permission.Anyone,
            ["/TermsAndConditions/Terms"] = Permission.Anyone,
            ["/TermsAndConditions/Accept"] = Permission.SignedIn,
            ["/TermsAndConditions/Declined"] = Permission.Anyone,
            ["/TermsAndConditions/Versions"] = Permission.Support,
            ["/TermsAndConditions/Version"] = Permission.Support,
            ["/TermsAndConditions/Publish"] = Permission.Support,
            ["/TermsAndConditions/CheckTerms"] = Permission.Support,
            ["/Web/Error"] = Permission.Anyone,

            ["/Account/Account"] = Permission.SignedIn,
            ["/Account/Name"] = Permission.SignedIn,
            ["/Account/Email"] = Permission.SignedIn,
            ["/Account/ConfirmEmail"] = Permission.SignedIn,
            ["/Account/Mobile"] = Permission.SignedIn,
            ["/Account/Password"] = Permission.SignedIn,
            ["/Account/Sessions"] = Permission.SignedIn,
            ["/Account/SignOutEverywhere"] = Permission.SignedIn,
            ["/Account/RecoveryCodes"] = Permission.SignedIn,
            ["/Account/Passkeys"] = Permission.SignedIn,
            ["/Account/AddPasskey"] = Permission.SignedIn,
            ["/Account/RenamePasskey"] = Permission.SignedIn,
            ["/Account/RemovePasskey"] = Permission.SignedIn,
            ["/Account/SecondFactor/Choose"] = Permission.SignedIn,
            ["/Account/SecondFactor/SetUp"] = Permission.SignedIn,
            ["/Account/SecondFactor/Remove"] = Permission.SignedIn,

            ["/Organisations/List"] = Permission.Belong,
            ["/Organisations/Create"] = Permission.Support,
            ["/Organisations/Edit"] = Permission.Support,
            ["/Organisations/Details"] = Permission.SeeOrganisation,
            ["/Organisations/History"] = Permission.ManageOrganisation,

            ["/Organisations/Areas"] = Permission.ManageOrganisation,
            ["/Organisations/RemoveArea"] = Permission.ManageOrganisation,
            ["/Organisations/SignInRules"] = Permission.ManageOrganisation,

            ["/Users/List"] = Permission.ManageUsers,
            ["/Users/Review/Review"] = Permission.ManageUsers,
            ["/Users/Details"] = Permission.ManageUsers,
            ["/Users/Add/PersonalDetails"] = Permission.ManageUsers,
            ["/Users/Add/Access"] = Permission.ManageUsers,
            ["/Users/Add/CheckAnswers"] = Permission.ManageUsers,
            ["/Users/Edit/ChangeDetails"] = Permission.ManageUsers,
            ["/Users/Edit/CheckChanges"] = Permission.ManageUsers,
            ["/Users/Invite/Invite"] = Permission.ManageUsers,
            ["/Users/Invite/InvitationList"] = Permission.ManageUsers,
            ["/Users/Edit/ChangeAccess"] = Permission.ManageUsers,
            ["/Users/Pause/Pause"] = Permission.ManageUsers,
            ["/Users/Pause/Resume"] = Permission.ManageUsers,
            ["/Users/Resend/ResendExpired"] = Permission.ManageUsers,
            ["/Users/Resend/Resend"] = Permission.ManageUsers,
            ["/Users/Remove/Remove"] = Permission.ManageUsers,
            ["/Users/Remove/Undo"] = Permission.ManageUsers,

            ["/Users/Everyone/List"] = Permission.Support,
            ["/Users/Everyone/Person"] = Permission.Support,
            ["/Users/Everyone/PauseAccount"] = Permission.Support,
            ["/Users/Everyone/ResumeAccount"] = Permission.Support,
            ["/Users/Add/PersonFirst"] = Permission.Support,
            ["/Users/Add/ChooseOrganisation"] = Permission.Support,
            ["/Users/Merge/ChooseOther"] = Permission.Support,
            ["/Users/Merge/CheckMerge"] = Permission.Support,
            ["/Users/ResetSignIn/ResetSignIn"] = Permission.Support,

            ["/Users/SupportUsers/List"] = Permission.Support,
            ["/Users/SupportUsers/Add"] = Permission.Support,
            ["/Users/SupportUsers/CheckAnswers"] = Permission.Support,
            ["/Users/SupportUsers/Resend"] = Permission.Support,
            ["/Users/SupportUsers/Remove"] = Permission.Support,

            ["/Dev/DevSignIn"] = Permission.Development,
            ["/Dev/Mailbox"] = Permission.Development,
            ["/Dev/Message"] = Permission.Development,
            ["/Dev/Clock"] = Permission.Development,
        };
}
